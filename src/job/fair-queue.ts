// The order in which many tenants and processes get a few places: tenants take turns, within a tenant its processes do, and a process is
// served first come, first served. So nobody waits for more than one item of each other queue, however much others have queued. Pure.

/** Whose work it is. */
export interface WorkOwner {
  readonly tenantId: string
  readonly bpmnProcessId: string
}

export class FairQueue<Item> {
  /** By tenant and by process, the next to be served first. None is empty. */
  readonly #tenants = new Map<string, Map<string, Item[]>>()
  #size = 0

  get size(): number {
    return this.#size
  }

  add({ tenantId, bpmnProcessId }: WorkOwner, item: Item): void {
    const processes = this.#tenants.get(tenantId) ?? new Map<string, Item[]>()
    const items = processes.get(bpmnProcessId) ?? []
    items.push(item)
    processes.set(bpmnProcessId, items)
    this.#tenants.set(tenantId, processes)
    this.#size += 1
  }

  /** What {@link take} would return. */
  peek(): Item | undefined {
    const [processes] = this.#tenants.values()
    const [items] = processes?.values() ?? []
    return items?.[0]
  }

  /** Takes out the next item; its process and its tenant then come last. */
  take(): Item | undefined {
    const [tenant] = this.#tenants
    const [process] = tenant?.[1] ?? []
    if (tenant === undefined || process === undefined) return undefined
    const [tenantId, processes] = tenant
    const [processId, items] = process
    const item = items.shift()
    this.#size -= 1
    processes.delete(processId)
    if (items.length > 0) processes.set(processId, items)
    this.#tenants.delete(tenantId)
    if (processes.size > 0) this.#tenants.set(tenantId, processes)
    return item
  }

  /** Takes out an item that no longer waits. @returns whether it waited. */
  remove({ tenantId, bpmnProcessId }: WorkOwner, item: Item): boolean {
    const processes = this.#tenants.get(tenantId)
    const items = processes?.get(bpmnProcessId)
    const index = items?.indexOf(item) ?? -1
    if (processes === undefined || items === undefined || index === -1) return false
    items.splice(index, 1)
    this.#size -= 1
    if (items.length === 0) processes.delete(bpmnProcessId)
    if (processes.size === 0) this.#tenants.delete(tenantId)
    return true
  }
}
