// Starts the engine on RocksDB state, on loopback only, and says so in one line of JSON on stdout.
// It ends, and deletes its state, when its stdin closes (so it never outlives its parent) or on
// SIGTERM. It lives in this package because the stock gateway and its stores are package-private.
package io.camunda.zeebe.process.test.engine;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.camunda.search.clients.SearchClientsProxy;
import io.camunda.security.auth.BrokerRequestAuthorizationConverter;
import io.camunda.security.configuration.SecurityConfiguration;
import io.camunda.zeebe.db.AccessMetricsConfiguration;
import io.camunda.zeebe.db.ConsistencyChecksSettings;
import io.camunda.zeebe.db.ZeebeDb;
import io.camunda.zeebe.db.impl.rocksdb.RocksDbConfiguration;
import io.camunda.zeebe.db.impl.rocksdb.ZeebeRocksDbFactory;
import io.camunda.zeebe.engine.Engine;
import io.camunda.zeebe.engine.EngineConfiguration;
import io.camunda.zeebe.engine.processing.EngineProcessors;
import io.camunda.zeebe.engine.processing.message.command.SubscriptionCommandSender;
import io.camunda.zeebe.engine.processing.streamprocessor.JobStreamer;
import io.camunda.zeebe.logstreams.log.LogStream;
import io.camunda.zeebe.protocol.ZbColumnFamilies;
import io.camunda.zeebe.scheduler.ActorScheduler;
import io.camunda.zeebe.stream.api.StreamClock;
import io.camunda.zeebe.stream.impl.StreamProcessor;
import io.camunda.zeebe.util.FeatureFlags;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

public final class Launcher {
  private static final long ROCKSDB_MEMORY_BYTES = 512L * 1024 * 1024;
  private static final long STOP_TIMEOUT_MS = 4_000;
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  private final Path state = Files.createTempDirectory("quarry-zeebe-");
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final ActorScheduler scheduler = ActorScheduler.newActorScheduler().build();
  private final ScheduledExecutorService pollThread = daemonThread("long-polling");
  private final ScheduledExecutorService tidyThread = daemonThread("tidy");
  private final BoundedLogStorage storage = new BoundedLogStorage();
  private final LogStream log =
      LogStream.builder()
          .withPartitionId(LoopbackGateway.PARTITION)
          .withLogStorage(storage)
          .withClock(InstantSource.system())
          .withMeterRegistry(meters)
          .build();
  private final ZeebeDb<ZbColumnFamilies> database =
      new ZeebeRocksDbFactory<ZbColumnFamilies>(
              new RocksDbConfiguration().setMemoryLimit(ROCKSDB_MEMORY_BYTES),
              new ConsistencyChecksSettings(false, false),
              new AccessMetricsConfiguration(
                  AccessMetricsConfiguration.Kind.NONE, LoopbackGateway.PARTITION),
              () -> meters)
          .createDb(state.resolve("db").toFile());
  private final CommandWriter writer = new CommandWriter(log.newLogStreamWriter());
  private final GatewayRequestStore requests = new GatewayRequestStore();
  private final InMemoryJobStreamer streams = new InMemoryJobStreamer(writer);
  private final LongPolling longPolling = new LongPolling(streams, pollThread);
  private final LoopbackGateway gateway =
      new LoopbackGateway(writer, requests, streams, longPolling, this::grpcPort);
  private final Server server;
  private final StreamProcessor processor = processor(longPolling);
  private final RecordFeed feed = new RecordFeed(log.newLogStreamReader());
  private final HttpServer records;

  private Launcher(int grpcPort, int recordsPort) throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(LOOPBACK, grpcPort))
            .addService(gateway)
            .build();
    records = HttpServer.create(new InetSocketAddress(LOOPBACK, recordsPort), 0);
  }

  /** Takes the gRPC port and the port of the records, 0 for any free one. */
  public static void main(String[] arguments) throws IOException {
    var ports = List.of(arguments).stream().map(Integer::valueOf).toList();
    var launcher = new Launcher(ports.get(0), ports.get(1));
    Runtime.getRuntime().addShutdownHook(new Thread(launcher::stop));
    launcher.start();
    System.out.printf(
        "{\"grpcPort\":%d,\"recordsPort\":%d}%n",
        launcher.grpcPort(), launcher.records.getAddress().getPort());
    System.in.transferTo(OutputStream.nullOutputStream());
    System.exit(0);
  }

  private static ScheduledExecutorService daemonThread(String name) {
    return Executors.newSingleThreadScheduledExecutor(
        task -> Thread.ofPlatform().daemon().name(name).unstarted(task));
  }

  private int grpcPort() {
    return server.getPort();
  }

  private void start() throws IOException {
    scheduler.start();
    processor.openAsync(false).join();
    records.createContext("/records", this::answer);
    records.start();
    tidyThread.scheduleWithFixedDelay(this::tidy, 1, 1, TimeUnit.SECONDS);
    server.start();
  }

  private StreamProcessor processor(JobStreamer jobs) {
    var security = new SecurityConfiguration();
    security.getAuthorizations().setEnabled(false);
    var sender = new CommandSender(writer);
    var engine =
        new Engine(
            context ->
                EngineProcessors.createEngineProcessors(
                    context,
                    1,
                    new SubscriptionCommandSender(context.getPartitionId(), sender),
                    sender,
                    FeatureFlags.createDefault(),
                    jobs,
                    SearchClientsProxy.noop(),
                    new BrokerRequestAuthorizationConverter(security)),
            new EngineConfiguration(),
            security);
    return StreamProcessor.builder()
        .logStream(log)
        .zeebeDb(database)
        .recordProcessors(List.of(engine))
        .commandResponseWriter(new GrpcResponseWriter(gateway, requests, null))
        .partitionCommandSender(sender)
        .actorSchedulingService(scheduler)
        .clock(StreamClock.controllable(InstantSource.system()))
        .meterRegistry(meters)
        .build();
  }

  /** Drops from the log what the engine has processed and the feed has read. */
  private void tidy() {
    var read = feed.catchUp();
    storage.discardBefore(Math.min(read, processor.getLastProcessedPositionAsync().join()));
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      var query = parametersOf(exchange.getRequestURI());
      var answer =
          feed.since(
              Long.parseLong(query.getOrDefault("position", "-1")),
              query.get("valueType"),
              Integer.parseInt(query.getOrDefault("limit", "1000")));
      var bytes = answer.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(200, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  private static Map<String, String> parametersOf(URI uri) {
    var parameters = new HashMap<String, String>();
    for (var pair : String.valueOf(uri.getQuery()).split("&")) {
      var parts = pair.split("=", 2);
      if (parts.length == 2) parameters.put(parts[0], parts[1]);
    }
    return parameters;
  }

  private void stop() {
    Thread.ofPlatform().daemon().start(Launcher::endInTime);
    server.shutdownNow();
    records.stop(0);
    pollThread.shutdownNow();
    tidyThread.shutdownNow();
    try {
      processor.close();
      database.close();
    } catch (Exception error) {
      System.err.println("The engine did not close cleanly: " + error);
    }
    try (var files = Files.walk(state)) {
      files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
    } catch (IOException error) {
      System.err.println("The state folder " + state + " is left behind: " + error);
    }
  }

  /** An end that hangs would leave a process that nobody waits for. */
  private static void endInTime() {
    try {
      Thread.sleep(STOP_TIMEOUT_MS);
      Runtime.getRuntime().halt(1);
    } catch (InterruptedException error) {
      Thread.currentThread().interrupt();
    }
  }
}
