// The stock test gateway, with what it drops put back: the variables of FailJob, long polling, the
// default tenant of a stream that names none, the address that it really listens on, and the status
// of a command whose variables are no object.
package io.camunda.zeebe.process.test.engine;

import io.camunda.zeebe.gateway.protocol.GatewayOuterClass.ActivateJobsRequest;
import io.camunda.zeebe.gateway.protocol.GatewayOuterClass.ActivateJobsResponse;
import io.camunda.zeebe.gateway.protocol.GatewayOuterClass.ActivatedJob;
import io.camunda.zeebe.gateway.protocol.GatewayOuterClass.CompleteJobRequest;
import io.camunda.zeebe.gateway.protocol.GatewayOuterClass.CompleteJobResponse;
import io.camunda.zeebe.gateway.protocol.GatewayOuterClass.FailJobRequest;
import io.camunda.zeebe.gateway.protocol.GatewayOuterClass.FailJobResponse;
import io.camunda.zeebe.gateway.protocol.GatewayOuterClass.StreamActivatedJobsRequest;
import io.camunda.zeebe.gateway.protocol.GatewayOuterClass.ThrowErrorRequest;
import io.camunda.zeebe.gateway.protocol.GatewayOuterClass.ThrowErrorResponse;
import io.camunda.zeebe.gateway.protocol.GatewayOuterClass.TopologyRequest;
import io.camunda.zeebe.gateway.protocol.GatewayOuterClass.TopologyResponse;
import io.camunda.zeebe.protocol.impl.encoding.MsgPackConverter;
import io.camunda.zeebe.protocol.impl.record.RecordMetadata;
import io.camunda.zeebe.protocol.impl.record.value.job.JobRecord;
import io.camunda.zeebe.protocol.record.RecordType;
import io.camunda.zeebe.protocol.record.ValueType;
import io.camunda.zeebe.protocol.record.intent.JobIntent;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.function.IntSupplier;
import org.agrona.concurrent.UnsafeBuffer;

final class LoopbackGateway extends GrpcToLogStreamGateway {
  static final int PARTITION = 1;
  private static final String DEFAULT_TENANT = "<default>";

  private final CommandWriter writer;
  private final GatewayRequestStore requests;
  private final LongPolling longPolling;
  private final IntSupplier port;

  LoopbackGateway(
      CommandWriter writer,
      GatewayRequestStore requests,
      InMemoryJobStreamer streams,
      LongPolling longPolling,
      IntSupplier port) {
    super(writer, PARTITION, 1, 0, requests, streams);
    this.writer = writer;
    this.requests = requests;
    this.longPolling = longPolling;
    this.port = port;
  }

  @Override
  public void completeJob(
      CompleteJobRequest request, StreamObserver<CompleteJobResponse> observer) {
    refusing(observer, () -> super.completeJob(request, observer));
  }

  @Override
  public void throwError(ThrowErrorRequest request, StreamObserver<ThrowErrorResponse> observer) {
    refusing(observer, () -> super.throwError(request, observer));
  }

  @Override
  public void failJob(FailJobRequest request, StreamObserver<FailJobResponse> observer) {
    refusing(observer, () -> writeFailJob(request, observer));
  }

  private static void refusing(StreamObserver<?> observer, Runnable command) {
    try {
      command.run();
    } catch (RuntimeException error) {
      var status = Status.INVALID_ARGUMENT.withDescription(error.getMessage()).withCause(error);
      observer.onError(status.asRuntimeException());
    }
  }

  private void writeFailJob(FailJobRequest request, StreamObserver<FailJobResponse> observer) {
    var job = new JobRecord();
    job.setRetries(request.getRetries());
    job.setRetryBackoff(request.getRetryBackOff());
    job.setErrorMessage(request.getErrorMessage());
    if (!request.getVariables().isEmpty()) {
      var variables = MsgPackConverter.convertToMsgPack(request.getVariables());
      job.setVariables(new UnsafeBuffer(variables));
    }
    var metadata =
        new RecordMetadata()
            .recordType(RecordType.COMMAND)
            .valueType(ValueType.JOB)
            .intent(JobIntent.FAIL)
            .requestStreamId(PARTITION)
            .requestId(requests.registerNewRequest(FailJobRequest.class, observer));
    writer.writeCommandWithKey(request.getJobKey(), job, metadata);
  }

  @Override
  public void activateJobs(
      ActivateJobsRequest request, StreamObserver<ActivateJobsResponse> observer) {
    var call = (ServerCallStreamObserver<ActivateJobsResponse>) observer;
    longPolling.poll(request, call, super::activateJobs);
  }

  @Override
  public void streamActivatedJobs(
      StreamActivatedJobsRequest request, StreamObserver<ActivatedJob> observer) {
    var named = request.getTenantIdsCount() > 0;
    super.streamActivatedJobs(
        named ? request : request.toBuilder().addTenantIds(DEFAULT_TENANT).build(), observer);
  }

  @Override
  public void topology(TopologyRequest request, StreamObserver<TopologyResponse> observer) {
    super.topology(
        request,
        new StreamObserver<>() {
          @Override
          public void onNext(TopologyResponse response) {
            var answer = response.toBuilder();
            answer.getBrokersBuilder(0).setHost("127.0.0.1").setPort(port.getAsInt());
            observer.onNext(answer.build());
          }

          @Override
          public void onError(Throwable error) {
            observer.onError(error);
          }

          @Override
          public void onCompleted() {
            observer.onCompleted();
          }
        });
  }
}
