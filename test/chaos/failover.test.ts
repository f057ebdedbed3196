// The place of failovers: a replica takes over from a Redis that died, under Sentinel and in a Cluster.
import { it } from 'vitest'

it.todo('a Sentinel failover in mid-run: all complete, only calls in flight are paid twice')
it.todo('a Cluster failover in mid-run: all complete, only calls in flight are paid twice')
