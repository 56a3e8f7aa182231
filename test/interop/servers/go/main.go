// SPDX-License-Identifier: Apache-2.0

// A server that holds its clients to its rules for pings. usage: server [-min-time 5m] [-permit] [-window bytes]
//
// Methods whose name ends in Fast are answered at once; Slow is never; Quiet sends headers and no message. It prints its port, and
// ends with its standard input.
package main

import (
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
)

// raw takes bytes as they are.
type raw struct{}

func (raw) Marshal(v any) ([]byte, error)      { return *v.(*[]byte), nil }
func (raw) Unmarshal(data []byte, v any) error { *v.(*[]byte) = append([]byte{}, data...); return nil }
func (raw) Name() string                       { return "proto" }

func main() {
	minTime := flag.Duration("min-time", 0, "the shortest interval between pings [the default of grpc-go]")
	permit := flag.Bool("permit", false, "permit pings without calls")
	window := flag.Int("window", 0, "a fixed window, which also ends the pings that measure bandwidth")
	flag.Parse()
	options := []grpc.ServerOption{grpc.ForceServerCodec(raw{}), grpc.UnknownServiceHandler(handle)}
	if *minTime > 0 || *permit {
		policy := keepalive.EnforcementPolicy{MinTime: *minTime, PermitWithoutStream: *permit}
		options = append(options, grpc.KeepaliveEnforcementPolicy(policy))
	}
	if *window > 0 {
		options = append(options, grpc.InitialWindowSize(int32(*window)), grpc.InitialConnWindowSize(int32(*window)))
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	server := grpc.NewServer(options...)
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	fmt.Printf("%d grpc-go %s\n", listener.Addr().(*net.TCPAddr).Port, grpc.Version)
	if err := server.Serve(listener); err != nil {
		panic(err)
	}
}

func handle(_ any, stream grpc.ServerStream) error {
	request := []byte{}
	if err := stream.RecvMsg(&request); err != nil {
		return err
	}
	method, _ := grpc.MethodFromServerStream(stream)
	switch {
	case strings.HasSuffix(method, "Fast"):
		return stream.SendMsg(&request)
	case strings.HasSuffix(method, "Quiet"):
		if err := stream.SendHeader(metadata.MD{}); err != nil {
			return err
		}
		<-stream.Context().Done()
	default:
		// Beyond the end of the call: it is the client that ends it, and the server sends nothing.
		select {}
	}
	return nil
}
