// What both peers are asked to do, and how it is timed. Prints one line of JSON: jobs a second.

export const CALLERS = 32;
export const BATCH = 1000;
export const BATCHED_CALLERS = 4;
const WINDOW = 3000;

const payload = { code: "600000", quantity: 1200, difference: "12.50" };
export const job = () => payload;

// Runs `once` (which answers how many jobs it handled) again and again in so many callers until the window is over or `once`
// answers 0.
export async function rate(callers, once, window = WINDOW) {
  const begun = performance.now();
  let done = 0;
  await Promise.all(
    Array.from({ length: callers }, async () => {
      while (performance.now() - begun < window) {
        const handled = await once();
        if (handled === 0) return;
        done += handled;
      }
    }),
  );
  return (done * 1000) / (performance.now() - begun);
}

export function report(figures) {
  console.log(JSON.stringify(figures));
}
