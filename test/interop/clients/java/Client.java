// SPDX-License-Identifier: Apache-2.0

import com.google.gson.Gson;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.EquivalentAddressGroup;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import io.grpc.NameResolverRegistry;
import io.grpc.Status;
import io.grpc.StatusOr;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Makes the calls of the interop run. usage: Client (service config file) (port) (port) (port) */
public class Client {
  static final MethodDescriptor.Marshaller<byte[]> RAW = new MethodDescriptor.Marshaller<>() {
    @Override public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException error) {
        throw new RuntimeException(error);
      }
    }
  };

  @SuppressWarnings("unchecked")
  public static void main(String[] arguments) throws Exception {
    Map<String, ?> config = new Gson().fromJson(Files.readString(Path.of(arguments[0])), Map.class);
    List<EquivalentAddressGroup> addresses = new ArrayList<>();
    for (int i = 1; i < arguments.length; i++) {
      addresses.add(new EquivalentAddressGroup(new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[i]))));
    }
    NameResolverRegistry.getDefaultRegistry().register(new Addresses(addresses));
    ManagedChannel channel = NettyChannelBuilder.forTarget("interop:///servers")
        .usePlaintext()
        .enableRetry()
        .defaultServiceConfig(config)
        .build();
    call(channel, "Spread");
    Thread.sleep(500);
    Map<String, Object> slow = call(channel, "Slow");
    Map<String, Object> flaky = call(channel, "Flaky");
    int spread = 0;
    for (int i = 0; i < 60; i++) {
      spread += call(channel, "Spread").get("code").equals("OK") ? 1 : 0;
    }
    String version = io.grpc.internal.GrpcUtil.IMPLEMENTATION_VERSION;
    System.out.println(new Gson().toJson(Map.of("version", version, "slow", slow, "flaky", flaky, "spread", spread)));
    channel.shutdownNow();
  }

  static Map<String, Object> call(Channel channel, String method) {
    MethodDescriptor<byte[], byte[]> descriptor = MethodDescriptor.<byte[], byte[]>newBuilder()
        .setType(MethodDescriptor.MethodType.UNARY)
        .setFullMethodName("interop.v1.Interop/" + method)
        .setRequestMarshaller(RAW)
        .setResponseMarshaller(RAW)
        .build();
    CallOptions options = CallOptions.DEFAULT.withWaitForReady().withDeadlineAfter(5, TimeUnit.SECONDS);
    long started = System.nanoTime();
    String code = "OK";
    try {
      ClientCalls.blockingUnaryCall(channel, descriptor, options, "java".getBytes());
    } catch (StatusRuntimeException error) {
      code = Status.fromThrowable(error).getCode().name();
    }
    return Map.of("code", code, "ms", (System.nanoTime() - started) / 1_000_000);
  }

  static class Addresses extends NameResolverProvider {
    private final List<EquivalentAddressGroup> addresses;

    Addresses(List<EquivalentAddressGroup> addresses) {
      this.addresses = addresses;
    }

    @Override public NameResolver newNameResolver(URI target, NameResolver.Args arguments) {
      return new NameResolver() {
        @Override public String getServiceAuthority() {
          return "servers";
        }

        @Override public void start(Listener2 listener) {
          listener.onResult(ResolutionResult.newBuilder().setAddressesOrError(StatusOr.fromValue(addresses)).build());
        }

        @Override public void shutdown() {}
      };
    }

    @Override protected boolean isAvailable() {
      return true;
    }

    @Override protected int priority() {
      return 5;
    }

    @Override public String getDefaultScheme() {
      return "interop";
    }
  }
}
