// Command scenario takes one domain through its life on a Drover daemon, as a client that knows nothing but the proto files:
// define, start, snapshot, active commit with a pivot, a watch over a broken connection, an error, and away with it all.
//
// What happens is printed on standard output, how far the commit is on standard error.
package main

//go:generate ./generate.sh

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"

	"drover.dev/examples/go/gen/droverv1"
)

const (
	name = "example"
	disk = "vda"
	// The whole scenario has to end in this time; every call inherits it as its deadline.
	patience = 3 * time.Minute
)

func main() {
	if len(os.Args) < 4 || len(os.Args) > 5 {
		fmt.Fprintln(os.Stderr, "usage: scenario TARGET DRIVER-URI IMAGE [PKI-DIRECTORY]")
		os.Exit(2)
	}
	pki := ""
	if len(os.Args) == 5 {
		pki = os.Args[4]
	}
	dial := func() (*grpc.ClientConn, error) { return connect(os.Args[1], os.Args[2], pki) }
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := run(ctx, dial, os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "error:", explain(err))
		os.Exit(1)
	}
}

func run(ctx context.Context, dial func() (*grpc.ClientConn, error), image string) error {
	conn, err := dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	s := scenario{
		domains:   droverv1.NewDomainServiceClient(conn),
		snapshots: droverv1.NewSnapshotServiceClient(conn),
		blocks:    droverv1.NewBlockServiceClient(conn),
		jobs:      droverv1.NewJobServiceClient(conn),
		watch:     &watch{dial: dial, request: &droverv1.WatchRequest{}},
		domain:    &droverv1.DomainRef{Ref: &droverv1.DomainRef_Name{Name: name}},
	}
	defer s.watch.cut()
	if err := s.awaitState(ctx); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{
		func(ctx context.Context) error { return s.define(ctx, image) },
		s.start,
		s.snapshotUnwatched,
		s.startAgain,
		s.commit,
		s.tidyUp,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

type scenario struct {
	domains   droverv1.DomainServiceClient
	snapshots droverv1.SnapshotServiceClient
	blocks    droverv1.BlockServiceClient
	jobs      droverv1.JobServiceClient
	watch     *watch
	domain    *droverv1.DomainRef
}

// define stores the domain, and stores what was read back, which changes nothing.
func (s *scenario) define(ctx context.Context, image string) error {
	spec := &droverv1.DomainSpec{
		Name:        name,
		MemoryBytes: 64 << 20,
		Disks: []*droverv1.Disk{{
			Target: disk,
			Source: &droverv1.Image{Path: image, Format: droverv1.ImageFormat_IMAGE_FORMAT_QCOW2},
		}},
	}
	defined, err := s.domains.DefineDomain(ctx, &droverv1.DefineDomainRequest{Spec: spec})
	if err != nil {
		return err
	}
	fmt.Println("define: example is", defined.GetDomain().GetStatus().GetState())
	again, err := s.domains.DefineDomain(ctx, &droverv1.DefineDomainRequest{
		Spec: defined.GetDomain().GetSpec(),
		Etag: defined.GetDomain().GetEtag(),
	})
	if err != nil {
		return err
	}
	if again.GetDomain().GetEtag() != defined.GetDomain().GetEtag() {
		return errors.New("a definition with what was read has changed something")
	}
	fmt.Println("define again: nothing changed")
	return s.await(ctx, droverv1.EventKind_EVENT_KIND_DOMAIN_DEFINED)
}

func (s *scenario) start(ctx context.Context) error {
	started, err := s.domains.StartDomain(ctx, &droverv1.StartDomainRequest{Domain: s.domain})
	if err != nil {
		return err
	}
	fmt.Println("start: example is", started.GetDomain().GetStatus().GetState())
	return s.await(ctx, droverv1.EventKind_EVENT_KIND_DOMAIN_STARTED)
}

// snapshotUnwatched makes a snapshot while the watch has no connection: the event is there when it has one again.
func (s *scenario) snapshotUnwatched(ctx context.Context) error {
	if err := s.watch.cut(); err != nil {
		return err
	}
	fmt.Println("watch: connection cut")
	made, err := s.snapshots.CreateSnapshot(ctx, &droverv1.CreateSnapshotRequest{Domain: s.domain, Name: "before"})
	if err != nil {
		return err
	}
	for _, d := range made.GetSnapshot().GetDisks() {
		fmt.Printf("snapshot before: %s goes on in %s, %s keeps the moment\n", d.GetTarget(),
			filepath.Base(d.GetOverlay().GetPath()), filepath.Base(d.GetFrozen().GetPath()))
	}
	return s.await(ctx, droverv1.EventKind_EVENT_KIND_SNAPSHOT_CREATED)
}

// startAgain is refused, and says why in words for a program.
func (s *scenario) startAgain(ctx context.Context) error {
	_, err := s.domains.StartDomain(ctx, &droverv1.StartDomainRequest{Domain: s.domain})
	info := errorInfo(err)
	if info.GetReason() != "DOMAIN_ALREADY_RUNNING" {
		return fmt.Errorf("the second start was to be refused as DOMAIN_ALREADY_RUNNING, and was answered %w", err)
	}
	fmt.Printf("start again: %s, domain %s\n", info.GetReason(), info.GetMetadata()["domain"])
	return nil
}

// commit moves all that lies above the base into the base, while the domain runs, and pivots to it.
func (s *scenario) commit(ctx context.Context) error {
	started, err := s.blocks.BlockCommit(ctx,
		&droverv1.BlockCommitRequest{Domain: s.domain, Disk: disk, Active: true, Delete: true})
	if err != nil {
		return err
	}
	job := started.GetJob()
	fmt.Printf("commit: %s of %s into %s\n", job.GetKind(),
		filepath.Base(job.GetRequest().GetTop()), filepath.Base(job.GetRequest().GetBase()))
	if job, err = s.awaitReady(ctx, job); err != nil {
		return err
	}
	fmt.Printf("commit: %s, %d %%\n", job.GetState(), percent(job.GetProgress()))
	ended, err := s.jobs.CompleteJob(ctx,
		&droverv1.CompleteJobRequest{JobId: job.GetId(), Completion: droverv1.JobCompletion_JOB_COMPLETION_PIVOT})
	if err != nil {
		return err
	}
	fmt.Println("pivot:", ended.GetJob().GetState())
	if err := s.await(ctx, droverv1.EventKind_EVENT_KIND_JOB_STATE_CHANGED); err != nil {
		return err
	}
	chain, err := s.blocks.GetBackingChain(ctx, &droverv1.GetBackingChainRequest{Domain: s.domain, Disk: disk})
	if err != nil {
		return err
	}
	for _, image := range chain.GetChain().GetImages() {
		fmt.Printf("chain: %s[%d] is %s\n", disk, image.GetIndex(), filepath.Base(image.GetPath()))
	}
	return nil
}

// awaitReady follows the job until base and overlay are equal and kept so.
func (s *scenario) awaitReady(ctx context.Context, job *droverv1.Job) (*droverv1.Job, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	changes, err := s.jobs.WatchJob(ctx, &droverv1.WatchJobRequest{JobId: job.GetId()})
	if err != nil {
		return nil, err
	}
	for {
		change, err := changes.Recv()
		if errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("the commit ended as %s: %s", job.GetState(), job.GetError().GetMessage())
		} else if err != nil {
			return nil, err
		}
		job = change.GetJob()
		fmt.Fprintf(os.Stderr, "%s: %d of %d bytes\n",
			job.GetState(), job.GetProgress().GetOffsetBytes(), job.GetProgress().GetTotalBytes())
		if job.GetState() == droverv1.JobState_JOB_STATE_READY {
			return job, nil
		}
	}
}

func (s *scenario) tidyUp(ctx context.Context) error {
	destroyed, err := s.domains.DestroyDomain(ctx, &droverv1.DestroyDomainRequest{Domain: s.domain})
	if err != nil {
		return err
	}
	fmt.Println("destroy: example is", destroyed.GetDomain().GetStatus().GetState())
	if _, err := s.domains.UndefineDomain(ctx,
		&droverv1.UndefineDomainRequest{Domain: s.domain, SnapshotsMetadata: true}); err != nil {
		return err
	}
	if err := s.await(ctx, droverv1.EventKind_EVENT_KIND_DOMAIN_REMOVED); err != nil {
		return err
	}
	_, err = s.domains.GetDomain(ctx, &droverv1.GetDomainRequest{Domain: s.domain})
	info := errorInfo(err)
	if info.GetReason() != "DOMAIN_NOT_FOUND" {
		return fmt.Errorf("the domain was to be gone, and was answered %w", err)
	}
	fmt.Println("get:", info.GetReason())
	return nil
}

// awaitState reads the state with which a watch begins. Who shows domains to people would keep it.
func (s *scenario) awaitState(ctx context.Context) error {
	for {
		message, err := s.watch.next(ctx)
		if err != nil {
			return err
		}
		if message.GetBookmark().GetStateComplete() {
			fmt.Println("watch: state complete")
			return nil
		}
	}
}

// await reads the watch until this has happened to the scenario's domain.
func (s *scenario) await(ctx context.Context, kind droverv1.EventKind) error {
	for {
		message, err := s.watch.next(ctx)
		if err != nil {
			return err
		}
		if message.GetResync() != nil {
			return fmt.Errorf("the watch could not be resumed: %s", message.GetResync().GetReason())
		}
		if event := message.GetEvent(); event.GetKind() == kind && domainOf(event.GetObject()) == name {
			fmt.Println("watch:", kind)
			return nil
		}
	}
}

func domainOf(object *droverv1.WatchedObject) string {
	switch o := object.GetObject().(type) {
	case *droverv1.WatchedObject_Domain:
		return o.Domain.GetSpec().GetName()
	case *droverv1.WatchedObject_Job:
		return o.Job.GetDomainName()
	case *droverv1.WatchedObject_Snapshot:
		return o.Snapshot.GetDomainName()
	default:
		return ""
	}
}

// percent is a measure for people: READY is what says that a job can be completed.
func percent(progress *droverv1.JobProgress) uint64 {
	if progress.GetTotalBytes() == 0 {
		return 0
	}
	return 100 * progress.GetOffsetBytes() / progress.GetTotalBytes()
}

// errorInfo is what Drover tells programs about a failed call; empty where something else has failed.
func errorInfo(err error) *errdetails.ErrorInfo {
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			return info
		}
	}
	return nil
}

func explain(err error) string {
	if info := errorInfo(err); info != nil {
		return fmt.Sprintf("%s: %s", info.GetReason(), status.Convert(err).Message())
	}
	return err.Error()
}
