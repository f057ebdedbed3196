// The engine's log, in memory. Unlike the stock one it forgets what has been processed and read,
// so a long benchmark runs in a fixed heap. Blocks are immutable and readers never block writers.
package io.camunda.zeebe.process.test.engine;

import io.camunda.zeebe.logstreams.storage.LogStorage;
import io.camunda.zeebe.logstreams.storage.LogStorageReader;
import io.camunda.zeebe.util.buffer.BufferWriter;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

final class BoundedLogStorage implements LogStorage {
  private record Block(long highestPosition, byte[] bytes) {}

  /** Blocks by the lowest position in each. */
  private final ConcurrentSkipListMap<Long, Block> blocks = new ConcurrentSkipListMap<>();
  private final List<CommitListener> listeners = new CopyOnWriteArrayList<>();

  /** Forgets every block that lies wholly below {@code position}. */
  void discardBefore(long position) {
    while (true) {
      var first = blocks.firstEntry();
      if (first == null || first.getValue().highestPosition() >= position) return;
      blocks.remove(first.getKey());
    }
  }

  @Override
  public void append(long lowest, long highest, BufferWriter writer, AppendListener listener) {
    var bytes = new byte[writer.getLength()];
    writer.write(new UnsafeBuffer(bytes), 0);
    blocks.put(lowest, new Block(highest, bytes));
    listener.onWrite(lowest, highest);
    listener.onCommit(lowest, highest);
    listeners.forEach(CommitListener::onCommit);
  }

  @Override
  public void addCommitListener(CommitListener listener) {
    listeners.add(listener);
  }

  @Override
  public void removeCommitListener(CommitListener listener) {
    listeners.remove(listener);
  }

  @Override
  public LogStorageReader newReader() {
    return new Reader();
  }

  private final class Reader implements LogStorageReader {
    private long passed = -1;

    @Override
    public void seek(long position) {
      var block = blocks.floorKey(position);
      passed = block == null ? -1 : block - 1;
    }

    @Override
    public boolean hasNext() {
      return blocks.higherKey(passed) != null;
    }

    @Override
    public DirectBuffer next() {
      var block = blocks.higherEntry(passed);
      if (block == null) throw new NoSuchElementException();
      passed = block.getKey();
      return new UnsafeBuffer(block.getValue().bytes());
    }

    @Override
    public void close() {}
  }
}
