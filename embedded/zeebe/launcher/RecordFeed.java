// Reads the engine's log and keeps what a test or the demo wants to see of it as JSON, the last
// records only. Every 64-bit key is written as a string, since JavaScript's numbers cannot hold it.
package io.camunda.zeebe.process.test.engine;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.camunda.zeebe.logstreams.log.LogStreamReader;
import io.camunda.zeebe.logstreams.log.LoggedEvent;
import io.camunda.zeebe.protocol.impl.record.RecordMetadata;
import io.camunda.zeebe.protocol.impl.record.UnifiedRecordValue;
import io.camunda.zeebe.protocol.impl.record.value.incident.IncidentRecord;
import io.camunda.zeebe.protocol.impl.record.value.job.JobRecord;
import io.camunda.zeebe.protocol.impl.record.value.processinstance.ProcessInstanceRecord;
import io.camunda.zeebe.protocol.record.RecordType;
import io.camunda.zeebe.protocol.record.intent.Intent;
import io.camunda.zeebe.protocol.record.intent.ProcessInstanceIntent;
import io.camunda.zeebe.protocol.record.value.BpmnElementType;
import java.util.EnumSet;
import java.util.Set;
import java.util.TreeMap;

final class RecordFeed {
  private static final int MAX_RECORDS = 100_000;
  private static final long MAX_CHARACTERS = 128L * 1024 * 1024;
  private static final Set<ProcessInstanceIntent> LIFE_OF_AN_INSTANCE =
      EnumSet.of(
          ProcessInstanceIntent.ELEMENT_ACTIVATED,
          ProcessInstanceIntent.ELEMENT_COMPLETED,
          ProcessInstanceIntent.ELEMENT_TERMINATED);

  private static final Set<BpmnElementType> SHOWN_ELEMENTS =
      EnumSet.of(BpmnElementType.PROCESS, BpmnElementType.BOUNDARY_EVENT);

  private record Kept(String valueType, String json) {}

  private final LogStreamReader reader;
  private final ObjectMapper mapper = new ObjectMapper();
  private final TreeMap<Long, Kept> records = new TreeMap<>();
  private long characters;
  private long position = -1;

  RecordFeed(LogStreamReader reader) {
    this.reader = reader;
    reader.seekToFirstEvent();
  }

  /** Reads on to the end of the log, and returns the last position read. */
  synchronized long catchUp() {
    while (reader.hasNext()) {
      var event = reader.next();
      position = event.getPosition();
      keep(event);
    }
    return position;
  }

  /** The kept records after {@code after}, as the JSON object that the endpoint answers with. */
  synchronized String since(long after, String valueType, int limit) {
    catchUp();
    var answer = new StringBuilder("{\"records\":[");
    var reached = Math.max(after, position);
    var count = 0;
    for (var entry : records.tailMap(after, false).entrySet()) {
      if (valueType != null && !valueType.equals(entry.getValue().valueType())) continue;
      if (count > 0) answer.append(',');
      answer.append(entry.getValue().json());
      if (++count == limit) {
        reached = entry.getKey();
        break;
      }
    }
    return answer.append("],\"position\":").append(reached).append('}').toString();
  }

  private void keep(LoggedEvent event) {
    var metadata = new RecordMetadata();
    event.readMetadata(metadata);
    if (metadata.getRecordType() != RecordType.EVENT) return;
    var value = valueOf(event, metadata);
    if (value == null) return;
    var valueType = metadata.getValueType().name();
    var json = toJson(event, valueType, metadata.getIntent(), value);
    records.put(event.getPosition(), new Kept(valueType, json));
    characters += json.length();
    while (records.size() > MAX_RECORDS || characters > MAX_CHARACTERS) {
      characters -= records.pollFirstEntry().getValue().json().length();
    }
  }

  private static UnifiedRecordValue valueOf(LoggedEvent event, RecordMetadata metadata) {
    return switch (metadata.getValueType()) {
      case JOB -> read(event, new JobRecord());
      case INCIDENT -> read(event, new IncidentRecord());
      case PROCESS_INSTANCE -> {
        if (!LIFE_OF_AN_INSTANCE.contains(metadata.getIntent())) yield null;
        var element = read(event, new ProcessInstanceRecord());
        yield SHOWN_ELEMENTS.contains(element.getBpmnElementType()) ? element : null;
      }
      default -> null;
    };
  }

  private static <T extends UnifiedRecordValue> T read(LoggedEvent event, T value) {
    event.readValue(value);
    return value;
  }

  private String toJson(
      LoggedEvent event, String valueType, Intent intent, UnifiedRecordValue value) {
    try {
      var record = mapper.createObjectNode();
      record.put("position", event.getPosition());
      record.put("valueType", valueType);
      record.put("intent", intent.name());
      record.put("key", Long.toString(event.getKey()));
      record.put("timestamp", event.getTimestamp());
      record.set("value", keysAsText((ObjectNode) mapper.readTree(value.toJson())));
      return mapper.writeValueAsString(record);
    } catch (JsonProcessingException error) {
      throw new IllegalStateException("The engine wrote a record that is no JSON", error);
    }
  }

  private static ObjectNode keysAsText(ObjectNode value) {
    for (var field : value.properties()) {
      if (field.getKey().endsWith("Key") && field.getValue().isIntegralNumber()) {
        value.put(field.getKey(), field.getValue().asText());
      }
    }
    return value;
  }
}
