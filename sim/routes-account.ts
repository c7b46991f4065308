/**
 * The account: user and credit, environment variables, SSH keys, charges, invoices, price increases (Vast API reference
 * §7, §9, §10, §11).
 */
import { broken, failure, hang, json } from "./answers.ts";
import { accountOf, boxBilledUsd, changeBilling, creditAt } from "./billing.ts";
import { takeCallFault, type Call, type VastRoute } from "./door.ts";
import { isObject, objectOf, parseJson } from "./loose-json.ts";
import { numberValue } from "./faults.ts";

const MAX_SECRET_LENGTH = 4096;

export const accountRoutes: readonly VastRoute[] = [
  { method: "GET", path: "/api/v0/users/current", scope: "user_read", handle: user },
  { method: "GET", path: "/api/v0/secrets", scope: "user_read", handle: secrets },
  { method: "POST", path: "/api/v0/secrets", scope: "user_write", handle: (call) => putSecret(call, true) },
  { method: "PUT", path: "/api/v0/secrets", scope: "user_write", handle: (call) => putSecret(call, false) },
  { method: "DELETE", path: "/api/v0/secrets", scope: "user_write", handle: deleteSecret },
  { method: "GET", path: "/api/v0/ssh", scope: "user_read", handle: sshKeys },
  { method: "POST", path: "/api/v0/ssh", scope: "user_write", handle: addSshKey },
  { method: "PUT", path: "/api/v0/ssh/:id", scope: "user_write", handle: changeSshKey },
  { method: "DELETE", path: "/api/v0/ssh/:id", scope: "user_write", handle: deleteSshKey },
  { method: "GET", path: "/api/v0/instances/:id/ssh", scope: "instance_read", handle: instanceSshKeys },
  {
    method: "POST",
    path: "/api/v0/instances/:id/ssh",
    scope: "instance_write",
    handle: () => json({ success: true, msg: "SSH key attached successfully" }),
  },
  {
    method: "DELETE",
    path: "/api/v0/instances/:id/ssh/:key",
    scope: "instance_write",
    handle: () => json({ success: true, msg: "SSH key detached successfully" }),
  },
  { method: "GET", path: "/api/v0/charges", scope: "billing_read", handle: charges },
  { method: "GET", path: "/api/v1/invoices", scope: "billing_read", handle: invoices },
  { method: "GET", path: "/api/v0/users/me/invoices", scope: "billing_read", handle: myInvoices },
  {
    method: "GET",
    path: "/api/v0/instances/balance/:id",
    scope: "billing_read",
    handle: () => json({ success: true, balance: 0 }),
  },
  { method: "GET", path: "/api/v0/instances/pending-price-increases", scope: "instance_read", handle: pendingPrices },
  {
    method: "PUT",
    path: "/api/v0/instances/accept-price-increase",
    scope: "instance_write",
    handle: (call) => answerPrice(call, true),
  },
  {
    method: "PUT",
    path: "/api/v0/instances/reject-price-increase",
    scope: "instance_write",
    handle: (call) => answerPrice(call, false),
  },
];

function user(call: Call): Response | Promise<Response> {
  const hung = takeCallFault(call, "account-hangs");
  if (hung !== null) return hang(call.request, numberValue(hung, 120_000));
  const failing = takeCallFault(call, "account-fails");
  if (failing !== null) return broken(failing.value, failing.hits);
  const other = takeCallFault(call, "list-other-account");
  const account = other === null ? call.account : accountOf(call.state, numberValue(other, 777));
  return json({
    id: account.id,
    username: `user${account.id}`,
    email: `ops${account.id}@example.com`,
    fullname: null,
    email_verified: true,
    key_id: 881,
    sid: "simulated-session",
    api_key: "simulated-key-of-the-account",
    credit: creditAt(account, call.state.nowMs),
    balance: 0,
    balance_threshold: -0.01,
    balance_threshold_enabled: true,
    autobill_amount: 5,
    autobill_threshold: 5,
    billed_expected: 0,
    billed_verified: 0,
    billing_creditonly: 0,
    can_pay: true,
    has_billing: true,
    has_payout: false,
    got_signup_credit: 1,
    last4: null,
    paid_expected: 0,
    paid_verified: 0,
    user: account.id,
    ssh_key: account.sshKeys[0]?.publicKey ?? null,
  });
}

function secrets(call: Call): Response {
  return json({
    success: true,
    secrets: Object.fromEntries(Object.keys(call.account.secrets).map((name) => [name, "*****"])),
  });
}

function putSecret(call: Call, isNew: boolean): Response {
  const { key, value } = call.body;
  if (typeof key !== "string" || typeof value !== "string")
    return failure(400, "missing_input", "Both key and value are required");
  if (key === "" || value === "") return failure(400, "empty_input", "Key and value must not be empty");
  if (value.length > MAX_SECRET_LENGTH) return failure(400, "input_too_long", "Value is too long");
  if (!/^[a-zA-Z_]\w*$/.test(key) || (isNew && !/^[a-zA-Z0-9_\-.]+$/.test(value))) {
    return failure(400, "invalid_characters", "Key or value contains invalid characters");
  }
  const name = key.toUpperCase();
  const isKnown = call.account.secrets[name] !== undefined;
  if (isNew && isKnown) return failure(400, "existing_key", "Key already exists");
  if (!isNew && !isKnown) return failure(400, "nonexistent_key", "Key does not exist");
  call.account.secrets[name] = value;
  return json({ success: true, msg: `Environment variable ${isNew ? "added" : "updated"} successfully` });
}

function deleteSecret(call: Call): Response {
  const key = call.body["key"];
  const name = typeof key === "string" ? key.toUpperCase() : "";
  if (call.account.secrets[name] === undefined) return failure(400, "nonexistent_key", "Key does not exist");
  delete call.account.secrets[name];
  return json({ success: true, msg: "Environment variable deleted successfully" });
}

function keyRow(
  call: Call,
  key: { id: number; publicKey: string; createdAtMs: number },
): Readonly<Record<string, unknown>> {
  return {
    id: key.id,
    user_id: call.account.id,
    public_key: key.publicKey,
    created_at: new Date(key.createdAtMs).toISOString(),
    deleted_at: null,
  };
}

function sshKeys(call: Call): Response {
  if (call.account.sshKeys.length === 0) return failure(404, "not_found", "No SSH keys found");
  return json(call.account.sshKeys.map((key) => keyRow(call, key)));
}

function addSshKey(call: Call): Response {
  const text = call.body["ssh_key"];
  if (typeof text !== "string" || text === "") return failure(400, "missing_input", "ssh_key is required");
  const last = call.account.sshKeys.at(-1)?.id ?? 500;
  const key = { id: last + 1, publicKey: text, createdAtMs: call.state.nowMs };
  call.account.sshKeys.push(key);
  return json({ success: true, key: keyRow(call, key) });
}

function changeSshKey(call: Call): Response {
  const key = call.account.sshKeys.find((one) => one.id === Number(call.params["id"]));
  if (key === undefined) return failure(404, "not_found", "SSH key not found");
  if (typeof call.body["ssh_key"] === "string") key.publicKey = call.body["ssh_key"];
  return json({ success: true, key: keyRow(call, key) });
}

function deleteSshKey(call: Call): Response {
  const before = call.account.sshKeys.length;
  call.account.sshKeys = call.account.sshKeys.filter((one) => one.id !== Number(call.params["id"]));
  if (call.account.sshKeys.length === before) return failure(404, "not_found", "SSH key not found");
  return json({ success: true, msg: "SSH key deleted successfully" });
}

/** The keys come as a JSON string inside the JSON. */
function instanceSshKeys(call: Call): Response {
  return json({ success: true, ssh_keys: JSON.stringify(call.account.sshKeys.map((key) => keyRow(call, key))) });
}

function charges(call: Call): Response {
  const { state, account, url } = call;
  const filters = objectOf(parseJson(url.searchParams.get("select_filters") ?? ""));
  if (!isObject(filters["day"])) return failure(400, "invalid_request", "A day range is required in select_filters");
  const results = [...state.boxes.values()]
    .filter((box) => box.accountId === account.id)
    .map((box) => {
      const amount = boxBilledUsd(box, state.nowMs);
      const disk = (box.storageUsdPerHour * ((box.endedAtMs ?? state.nowMs) - box.rentedAtMs)) / 3_600_000;
      return {
        start: Math.floor(box.rentedAtMs / 1000),
        end: Math.floor((box.endedAtMs ?? state.nowMs) / 1000),
        type: "instance",
        source: `instance-${box.id}`,
        description: `Instance ${box.id} GPU charge: ${box.gpuCount}x ${box.gpuName}`,
        amount,
        metadata: { label: box.label },
        items: [
          { type: "gpu", amount: amount - disk },
          { type: "disk", amount: disk },
        ],
      };
    });
  return json({ success: true, count: results.length, total: results.length, next_token: null, results });
}

function invoices(call: Call): Response {
  const { account, state } = call;
  const results = [
    {
      id: 1,
      type: "credit",
      source: "stripe",
      description: "Credit top-up",
      when: Math.floor(state.startedAtMs / 1000),
      start: Math.floor(state.startedAtMs / 1000),
      end: null,
      amount: account.startCreditUsd,
      metadata: { invoice_id: 1 },
      items: [],
    },
  ];
  return json({ success: true, count: results.length, total: results.length, next_token: null, results });
}

/** The older form that the client still knows: payments, and what runs now. */
function myInvoices(call: Call): Response {
  const { account, state } = call;
  const charged = [...state.boxes.values()]
    .filter((box) => box.accountId === account.id)
    .reduce((sum, box) => sum + boxBilledUsd(box, state.nowMs), 0);
  const paidAt = Math.floor(state.startedAtMs / 1000);
  return json({
    invoices: [
      {
        id: 1,
        type: "payment",
        service: "stripe",
        description: "Credit top-up",
        timestamp: paidAt,
        amount: account.startCreditUsd,
        paid: true,
      },
    ],
    current: { charges: charged, service_fee: 0, total: charged, credit: creditAt(account, state.nowMs) },
  });
}

function pendingPrices(call: Call): Response {
  const rows = call.account.pendingPriceIncreases.map((one) => {
    const box = call.state.boxes.get(one.boxId);
    const host = box === undefined ? undefined : call.state.hosts.get(box.machineId);
    return {
      pending_price_increase_id: one.id,
      contract_id: one.boxId,
      machine_id: box?.machineId ?? null,
      old_gpu_costpersec: one.oldUsdPerHour / 3600,
      new_gpu_costpersec: one.newUsdPerHour / 3600,
      contract_end_date: (host?.listedUntilMs ?? call.state.nowMs) / 1000,
      ask_end_date: (host?.listedUntilMs ?? call.state.nowMs) / 1000,
    };
  });
  return json({ success: true, count: rows.length, pending_price_increases: rows, results: rows });
}

function answerPrice(call: Call, isAccepted: boolean): Response {
  const names = Object.keys(call.body);
  if (names.length !== 1 || names[0] !== "pending_price_increase_id")
    return failure(400, "invalid_args", "pending_price_increase_id only");
  const { account, state } = call;
  const pending = account.pendingPriceIncreases.find((one) => one.id === call.body["pending_price_increase_id"]);
  if (pending === undefined) return failure(404, "no_pending_price_increase", "No pending price increase with that ID");
  account.pendingPriceIncreases = account.pendingPriceIncreases.filter((one) => one !== pending);
  const box = state.boxes.get(pending.boxId);
  if (isAccepted && box !== undefined) {
    changeBilling(state, box, () => {
      box.gpuUsdPerHour = pending.newUsdPerHour;
    });
  }
  return json({ success: true });
}
