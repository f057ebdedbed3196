// Holds ActivateJobs requests that found nothing until work of their type arrives or their time is
// up, as a real gateway does; the stock test gateway answers at once. Passes job streams through.
package io.camunda.zeebe.process.test.engine;

import io.camunda.zeebe.engine.processing.streamprocessor.JobStreamer;
import io.camunda.zeebe.gateway.protocol.GatewayOuterClass.ActivateJobsRequest;
import io.camunda.zeebe.gateway.protocol.GatewayOuterClass.ActivateJobsResponse;
import io.camunda.zeebe.protocol.impl.stream.job.JobActivationProperties;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.agrona.DirectBuffer;

/** Both maps and the state of every poll are touched on the executor's one thread only. */
final class LongPolling implements JobStreamer {
  private static final long DEFAULT_REQUEST_TIMEOUT_MS = 10_000;

  private final JobStreamer streams;
  private final ScheduledExecutorService executor;
  private final Map<String, Set<Poll>> waiting = new HashMap<>();
  /** How often work of a type was announced: tells whether any came while a poll was under way. */
  private final Map<String, Long> announced = new HashMap<>();

  LongPolling(JobStreamer streams, ScheduledExecutorService executor) {
    this.streams = streams;
    this.executor = executor;
  }

  /** Answers {@code observer} by asking {@code ask} once, or again each time there may be work. */
  void poll(
      ActivateJobsRequest request,
      ServerCallStreamObserver<ActivateJobsResponse> observer,
      BiConsumer<ActivateJobsRequest, StreamObserver<ActivateJobsResponse>> ask) {
    var poll = new Poll(request, observer, ask);
    observer.setOnCancelHandler(() -> executor.execute(poll::end));
    executor.execute(poll::start);
  }

  @Override
  public Optional<JobStream> streamFor(DirectBuffer type, Predicate<JobActivationProperties> filter) {
    return streams.streamFor(type, filter);
  }

  @Override
  public void notifyWorkAvailable(String type) {
    executor.execute(
        () -> {
          announced.merge(type, 1L, Long::sum);
          var polls = waiting.remove(type);
          if (polls != null) polls.forEach(Poll::ask);
        });
  }

  private final class Poll {
    private final ActivateJobsRequest request;
    private final StreamObserver<ActivateJobsResponse> observer;
    private final BiConsumer<ActivateJobsRequest, StreamObserver<ActivateJobsResponse>> ask;
    private boolean timeUp;
    private boolean ended;

    Poll(
        ActivateJobsRequest request,
        StreamObserver<ActivateJobsResponse> observer,
        BiConsumer<ActivateJobsRequest, StreamObserver<ActivateJobsResponse>> ask) {
      this.request = request;
      this.observer = observer;
      this.ask = ask;
    }

    void start() {
      var given = request.getRequestTimeout();
      timeUp = given < 0;
      if (!timeUp) {
        var delay = given == 0 ? DEFAULT_REQUEST_TIMEOUT_MS : given;
        executor.schedule(this::expire, delay, TimeUnit.MILLISECONDS);
      }
      ask();
    }

    private void expire() {
      timeUp = true;
      if (waiting.getOrDefault(request.getType(), Set.of()).contains(this)) {
        end();
        observer.onCompleted();
      }
    }

    void ask() {
      var before = announced.get(request.getType());
      ask.accept(
          request,
          new StreamObserver<>() {
            private ActivateJobsResponse response;

            @Override
            public void onNext(ActivateJobsResponse next) {
              response = next;
            }

            @Override
            public void onError(Throwable error) {
              executor.execute(
                  () -> {
                    end();
                    observer.onError(error);
                  });
            }

            @Override
            public void onCompleted() {
              executor.execute(() -> answered(response, before));
            }
          });
    }

    private void answered(ActivateJobsResponse response, Long before) {
      var found = response.getJobsCount() > 0;
      if (found || timeUp || ended) {
        end();
        if (found) observer.onNext(response);
        observer.onCompleted();
      } else if (Objects.equals(before, announced.get(request.getType()))) {
        waiting.computeIfAbsent(request.getType(), type -> new HashSet<>()).add(this);
      } else {
        ask();
      }
    }

    void end() {
      ended = true;
      waiting.computeIfPresent(
          request.getType(),
          (type, polls) -> {
            polls.remove(this);
            return polls.isEmpty() ? null : polls;
          });
    }
  }
}
