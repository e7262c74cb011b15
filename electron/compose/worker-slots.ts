// How many recordings at once, and how many threads each: chosen for this machine when the settings leave it open.

export interface Capacity {
  readonly slots: number
  readonly threads: number
}

/**
 * whisper.cpp scales nearly linearly up to about 8 threads and hardly beyond (its encoder is memory-bound), so a big
 * machine gains more from a second recording than from more threads; a slot costs a whole copy of the model, so slots
 * are also bounded by a quarter of the memory. One core is left to the database and the operator when there are more
 * than four.
 */
export function capacity(
  machine: { cores: number; memoryBytes: number },
  chosen: { slots: number | null; threads: number | null },
  modelMemoryBytes: number,
): Capacity {
  const usable = machine.cores > 4 ? machine.cores - 1 : Math.max(1, machine.cores)
  const fitting = Math.max(1, Math.floor(machine.memoryBytes / 4 / Math.max(1, modelMemoryBytes)))
  const wanted = chosen.threads === null ? Math.ceil(usable / 8) : Math.floor(usable / chosen.threads)
  const slots = chosen.slots ?? Math.max(1, Math.min(wanted, fitting, 64))
  const threads = chosen.threads ?? Math.max(1, Math.min(16, Math.floor(usable / slots)))
  return { slots, threads }
}
