// graphile-worker: node graphile-worker.mjs <url> <backlog>

import { makeWorkerUtils, runMigrations, run } from "graphile-worker";
import pg from "pg";
import { BATCH, BATCHED_CALLERS, CALLERS, job, rate, report } from "./measure.mjs";

const [url, backlog] = [process.argv[2], Number(process.argv[3])];
const pgPool = new pg.Pool({ connectionString: url, max: CALLERS + 4 });
pgPool.on("error", () => {});
const quiet = { error() {}, warn() {}, info() {}, debug() {} };
const { Logger } = await import("graphile-worker");
const logger = new Logger(() => (level, message) => level === "error" && console.error(message) && quiet);
await runMigrations({ pgPool, logger });
const utils = await makeWorkerUtils({ pgPool, logger });

const batch = () => Array.from({ length: BATCH }, () => ({ identifier: "work", payload: job() }));
const empty = () => pgPool.query("truncate graphile_worker._private_jobs");
const fill = async () => {
  for (let left = backlog; left > 0; left -= BATCH) await utils.addJobs(batch());
};

const push = await rate(CALLERS, async () => (await utils.addJob("work", job()), 1));
await empty();
const pushBatched = await rate(BATCHED_CALLERS, async () => (await utils.addJobs(batch()), BATCH));
await empty();

// From the first job to the last of the backlog, or as many as there are in the time.
async function worked(preset, longest) {
  await fill();
  let done = 0, first = 0, last = 0, all;
  const finished = new Promise((resolve) => (all = resolve));
  const task = async () => {
    last = performance.now();
    if (done++ === 0) first = last;
    if (done >= backlog) all();
  };
  const runner = await run({ ...preset, taskList: { work: task }, noHandleSignals: true });
  await Promise.race([finished, new Promise((resolve) => setTimeout(resolve, longest))]);
  const handled = done, seconds = (last - first) / 1000;
  await runner.stop();
  await empty();
  return (handled - 1) / seconds;
}

const base = { pgPool, logger };
const work = await worked({ ...base, concurrency: CALLERS, pollInterval: 100 }, 10000);
const tuned = {
  worker: {
    concurrentJobs: CALLERS, pollInterval: 100, localQueue: { size: BATCH }, completeJobBatchDelay: 0, failJobBatchDelay: 0,
  },
};
const workBatched = await worked({ ...base, preset: tuned }, 60000);

report({ push, pushBatched, work, workBatched });
process.exit(0);
