// SPDX-License-Identifier: Apache-2.0

// Makes the calls of the interop run. usage: client <service config file> <port> <port> <port>
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/manual"
	"google.golang.org/grpc/status"
)

// raw sends bytes as they are.
type raw struct{}

func (raw) Marshal(v any) ([]byte, error)      { return *v.(*[]byte), nil }
func (raw) Unmarshal(data []byte, v any) error { *v.(*[]byte) = data; return nil }
func (raw) Name() string                       { return "proto" }

type outcome struct {
	Code string `json:"code"`
	Ms   int64  `json:"ms"`
}

func main() {
	config, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	addresses := manual.NewBuilderWithScheme("interop")
	state := resolver.State{}
	for _, port := range os.Args[2:] {
		state.Addresses = append(state.Addresses, resolver.Address{Addr: "127.0.0.1:" + port})
	}
	addresses.InitialState(state)
	connection, err := grpc.NewClient("interop:///servers",
		grpc.WithResolvers(addresses),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultServiceConfig(string(config)),
		grpc.WithDefaultCallOptions(grpc.ForceCodec(raw{})))
	if err != nil {
		panic(err)
	}
	call := func(method string) outcome {
		context, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		request, response := []byte("go"), []byte{}
		started := time.Now()
		err := connection.Invoke(context, "/interop.v1.Interop/"+method, &request, &response, grpc.WaitForReady(true))
		code := map[string]string{"OK": "OK", "DeadlineExceeded": "DEADLINE_EXCEEDED", "Unavailable": "UNAVAILABLE"}
		name := status.Code(err).String()
		if known, ok := code[name]; ok {
			name = known
		}
		return outcome{name, time.Since(started).Milliseconds()}
	}
	call("Spread")
	time.Sleep(500 * time.Millisecond)
	report := map[string]any{"version": grpc.Version, "slow": call("Slow"), "flaky": call("Flaky")}
	spread := 0
	for range 60 {
		if call("Spread").Code == "OK" {
			spread++
		}
	}
	report["spread"] = spread
	text, _ := json.Marshal(report)
	fmt.Println(string(text))
}
