// One complaint, from its receipt to its end, driven by Temporal's own TypeScript SDK: nothing of ours is needed.
//
//   npm ci && node complaint.ts        (Node.js 22.18 or newer runs TypeScript as it stands)
//
// TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE say where; COMPLAINTS_TASK_QUEUE which workers (default: complaints).
import { Client, Connection, WorkflowUpdateFailedError } from "@temporalio/client";
import { randomBytes } from "node:crypto";

interface Receipt {
  reference: string;
  event_id: string;
  level: "1" | "2a" | "2b" | "3" | "4";
  stage: string;
  next_deadline: string | null;
  message: string;
}

const connection = await Connection.connect({ address: process.env.TEMPORAL_ADDRESS ?? "localhost:7233" });
const client = new Client({ connection, namespace: process.env.TEMPORAL_NAMESPACE ?? "default" });

// A reference of your own makes the start safe to repeat: the same id is started once.
const reference = process.argv[2] ?? `CRM-${randomBytes(4).toString("hex").toUpperCase()}`;
const complaint = await client.workflow.start("Complaint", {
  workflowId: reference,
  taskQueue: process.env.COMPLAINTS_TASK_QUEUE ?? "complaints",
  workflowIdReusePolicy: "ALLOW_DUPLICATE_FAILED_ONLY",
  args: [
    {
      received_at: new Date().toISOString(),
      channel: "email",
      received_by: "broker",
      insurer: "assureur-exemple",
      complainant: { name: "Anne Martin", email: "anne.martin@example.org" },
      summary: "Indemnité vol refusée",
    },
  ],
});
console.log(`${reference}: started`);

// The update `submit` takes any event, and answers at once. An event's id makes it happen once.
const submit = (event: { id: string; type: string; [field: string]: unknown }): Promise<Receipt> =>
  complaint.executeUpdate<Receipt, [object]>("submit", { args: [event], updateId: event.id });

const answered = await submit({
  id: "crm-answer",
  type: "response_given",
  decision: "rejected",
  reasons: "Déclaré hors délai.",
});
console.log(`${answered.stage}: ${answered.message}`);

// What the rules do not accept now is refused with the reason, and leaves no trace.
try {
  await submit({ id: "crm-mediation", type: "mediation_ended", outcome: "opinion" });
} catch (error) {
  if (!(error instanceof WorkflowUpdateFailedError)) throw error;
  console.log(`refused: ${error.cause?.message}`);
}

// A signal says the same, without waiting for an answer.
await complaint.signal("customer_rejects", { id: "crm-rejection", reasons: "L'indemnité ne couvre pas le devis." });

// The query `dossier` gives the whole state: level, stage, every clock and why each date, letters, journal.
let dossier: { level: string; stage: string; clocks: { clock: string; due_on: string; state: string }[] };
do {
  dossier = await complaint.query("dossier");
} while (dossier.level === "1");
console.log(`${dossier.level}, ${dossier.stage}`);
for (const clock of dossier.clocks.filter((each) => each.state === "running")) {
  console.log(`  ${clock.clock}: ${clock.due_on}`);
}
await connection.close();
