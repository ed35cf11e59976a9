// pg-boss: node pg-boss.mjs <url> <backlog>

import PgBoss from "pg-boss";
import { BATCH, BATCHED_CALLERS, CALLERS, job, rate, report } from "./measure.mjs";

const [url, backlog] = [process.argv[2], Number(process.argv[3])];
const boss = new PgBoss({ connectionString: url, max: CALLERS, supervise: false, schedule: false });
boss.on("error", (error) => console.error(error));
await boss.start();

const batch = (name) => Array.from({ length: BATCH }, () => ({ name, data: job() }));
const fill = async (name) => {
  for (let left = backlog; left > 0; left -= BATCH) await boss.insert(batch(name));
};

await boss.createQueue("pushed");
const push = await rate(CALLERS, async () => (await boss.send("pushed", job()), 1));
await boss.createQueue("batched");
const pushBatched = await rate(BATCHED_CALLERS, async () => (await boss.insert(batch("batched")), BATCH));

await boss.createQueue("worked");
await fill("worked");
const work = await rate(CALLERS, async () => {
  const jobs = await boss.fetch("worked");
  if (!jobs?.length) return 0;
  await boss.complete("worked", jobs[0].id);
  return 1;
});

await boss.createQueue("drained");
await fill("drained");
const workBatched = await rate(BATCHED_CALLERS, async () => {
  const jobs = await boss.fetch("drained", { batchSize: BATCH });
  if (!jobs?.length) return 0;
  await boss.complete("drained", jobs.map((job) => job.id));
  return jobs.length;
}, 60000);

report({ push, pushBatched, work, workBatched });
await boss.stop({ graceful: false });
process.exit(0);
