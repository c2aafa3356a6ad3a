import { untrack } from 'svelte';
import { watchJobs, work } from '../jobs/jobs.svelte';

/** While something waits for others' pictures, no state of its own changes: its place in the line is asked for anew. */
export function followLine(waits: () => boolean, load: () => Promise<void>): void {
  const waiting = $derived(waits());
  $effect(() => (waiting ? watchJobs() : undefined));
  $effect(() => {
    if (!waiting) return;
    void work.jobs;
    untrack(() => void load());
  });
}
