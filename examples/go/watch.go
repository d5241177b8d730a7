package main

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"drover.dev/examples/go/gen/droverv1"
)

// watch is a stream of events that goes on over broken connections: it opens itself again after the revision received
// last, so that nothing is missed and nothing comes twice. It has a connection of its own.
type watch struct {
	dial    func() (*grpc.ClientConn, error)
	request *droverv1.WatchRequest
	conn    *grpc.ClientConn
	stream  grpc.ServerStreamingClient[droverv1.WatchResponse]
}

// next waits for the next message. A Resync among them says that the caller has to throw away what it knows.
func (w *watch) next(ctx context.Context) (*droverv1.WatchResponse, error) {
	for {
		if w.stream == nil {
			if err := w.open(ctx); err != nil {
				return nil, err
			}
		}
		message, err := w.stream.Recv()
		if err == nil {
			w.request.ResumeRevision = message.GetRevision()
			return message, nil
		}
		w.stream = nil
		if status.Code(err) != codes.Unavailable {
			return nil, err
		}
	}
}

// open waits, as long as the context allows, until there is a daemon to be reached.
func (w *watch) open(ctx context.Context) (err error) {
	if w.conn == nil {
		if w.conn, err = w.dial(); err != nil {
			return err
		}
	}
	w.stream, err = droverv1.NewEventServiceClient(w.conn).Watch(ctx, w.request, grpc.WaitForReady(true))
	return err
}

// cut closes the connection.
func (w *watch) cut() error {
	if w.conn == nil {
		return nil
	}
	err := w.conn.Close()
	w.conn, w.stream = nil, nil
	return err
}
