package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
)

// connect opens a connection to the daemon at a gRPC target, "unix:///path" or "host:port". Every call on it goes to the
// driver that driverURI names. pki is the directory with ca.pem, client.pem and client.key; "" for a unix socket, where
// the kernel tells the daemon who calls.
func connect(target, driverURI, pki string) (*grpc.ClientConn, error) {
	transport := insecure.NewCredentials()
	if pki != "" {
		var err error
		if transport, err = mutualTLS(pki); err != nil {
			return nil, err
		}
	}
	withDriver := func(ctx context.Context) context.Context {
		return metadata.AppendToOutgoingContext(ctx, "drover-uri", driverURI)
	}
	return grpc.NewClient(target,
		grpc.WithTransportCredentials(transport),
		grpc.WithUnaryInterceptor(func(ctx context.Context, method string, req, reply any, conn *grpc.ClientConn,
			invoker grpc.UnaryInvoker, opts ...grpc.CallOption) error {
			return invoker(withDriver(ctx), method, req, reply, conn, opts...)
		}),
		grpc.WithStreamInterceptor(func(ctx context.Context, desc *grpc.StreamDesc, conn *grpc.ClientConn, method string,
			streamer grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
			return streamer(withDriver(ctx), desc, conn, method, opts...)
		}))
}

// mutualTLS believes the authority's daemons and shows them this client's certificate.
func mutualTLS(pki string) (credentials.TransportCredentials, error) {
	authority, err := os.ReadFile(filepath.Join(pki, "ca.pem"))
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(authority) {
		return nil, fmt.Errorf("%s has no certificate in ca.pem", pki)
	}
	own, err := tls.LoadX509KeyPair(filepath.Join(pki, "client.pem"), filepath.Join(pki, "client.key"))
	if err != nil {
		return nil, err
	}
	return credentials.NewTLS(&tls.Config{
		MinVersion:   tls.VersionTLS13,
		RootCAs:      roots,
		Certificates: []tls.Certificate{own},
	}), nil
}
