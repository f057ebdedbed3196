// The states of a job in Redis, and what an activation means in each. `accept.lua` implements that, and the other scripts here all other
// transitions; test/ledger/model implements the same in TypeScript, and tests compare the two.
//
// A job key can come back from Zeebe: after a reported failure, after its lease ran out, after an operator
// resolved its incident. Zeebe has no fencing, so the state decides whether that is a new order or an old one.
// Each order is an *epoch*, and an epoch is executed once while it is known.
//
//   (none) ──accept──▶ queued ──start──▶ running ──answer──▶ answered ──reported──▶ done, released or kept
//     ▲                  ▲ ╰── defer, move ╯                     ▲ ▲
//     │                  ╰── accept, next epoch ── released      │ ╰── accept ── kept
//     ╰── forgotten after a while ── done, released, kept        ╰── expire ── queued
//   queued, running ──withdraw──▶ done
//
// - queued: in its lane, waiting for its turn, or delayed after a throttle or a transient error. One that was moved is in another
//   lane than before; a copy that is met in the one it left goes after its record, and starts nothing.
// - running: a worker has it; if the worker dies, BullMQ gives the same epoch to another. A start that finds it running,
//   by a dead worker (ledger/worker-pulse.ts), counts one death. Each start has a name. A worker that only stood still may go on
//   after that: its answer counts, since it was paid for, but it cannot put back what runs by another start.
// - answered: the outcome is stored and in the outbox. From here nothing is ever called again for this epoch.
// - done: Zeebe took the completion or the BPMN error, or said that the job is gone: when it was told an outcome, or when
//   its lease was to be extended (withdrawn).
// - released: Zeebe took the failure; the key is expected back as a new order.
// - kept: Zeebe could not take the result now, since somebody else had failed the job: when the job comes back, the
//   result is reported again instead of paid for again.

/** Where a job stands. */
export type JobState = 'queued' | 'running' | 'answered' | 'done' | 'released' | 'kept'

/**
 * Whose an epoch is, as a start asks: its own; `taken`, so that it waits for or runs by another; or `over`: it is answered,
 * superseded, withdrawn or forgotten.
 */
export type Standing = 'ours' | 'taken' | 'over'

/**
 * What an activation comes to:
 * - `new`: an order not seen before: queue it under the next epoch;
 * - `adopt`: queued or running already: keep it, refresh the lease;
 * - `answered`: its outcome is on the way to Zeebe, or is put on the way again: nothing to execute;
 * - `duplicate`: a late delivery of an order that is done.
 */
export type Acceptance = 'new' | 'adopt' | 'answered' | 'duplicate'
