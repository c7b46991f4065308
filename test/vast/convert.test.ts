import { describe, expect, it } from "vitest";
import page from "../fixtures/vast/instance-page.json" with { type: "json" };
import provisioning from "../fixtures/vast/instance-provisioning.json" with { type: "json" };
import offers from "../fixtures/vast/offers.json" with { type: "json" };
import { toInstance, toOffer } from "../../src/vast/convert.ts";
import { instanceRowSchema, offerPageSchema, offerRowSchema } from "../../src/vast/schema.ts";

const [running] = page.instances;
const instance = (change: object = {}) => toInstance(instanceRowSchema.parse({ ...running, ...change }));

describe("an instance", () => {
  it("is told in our words and units", () => {
    expect(instance()).toEqual({
      instanceId: 36717044,
      label: "fleet:prod:w-017",
      machineId: 33307,
      operatorId: 120840,
      gpu: "RTX 4090",
      actualStatus: "running",
      intendedStatus: "running",
      currentState: "running",
      statusMessage: "success, running ghcr.io/acme/worker_1.4/ssh",
      usdPerHour: 0.3518,
      storageUsdPerHour: 0.0083,
      startedAtMs: 1_794_000_000_120,
      endsAtMs: 1_795_595_600_000,
      isBid: false,
      envReadable: true,
      keeperId: "keeper-a",
      intentId: "0b6f3c1e-7f0e-4d43-9d5a-0a1b2c3d4e5f",
      ssh: { host: "203.0.113.42", port: 40713 },
    });
  });

  it("is told while it is being provisioned, with digits for numbers and null for what was not said", () => {
    expect(toInstance(instanceRowSchema.parse(provisioning))).toEqual({
      instanceId: 36717045,
      label: null,
      machineId: 33308,
      operatorId: 120840,
      gpu: "RTX 3070 Ti",
      actualStatus: null,
      intendedStatus: "running",
      currentState: "running",
      statusMessage: null,
      usdPerHour: 0.072,
      storageUsdPerHour: null,
      startedAtMs: 1_794_000_000_000,
      endsAtMs: null,
      isBid: false,
      envReadable: false,
      keeperId: null,
      intentId: null,
      ssh: { host: "ssh5.vast.ai", port: 12345 },
    });
  });

  it("needs nothing but its id", () => {
    expect(toInstance(instanceRowSchema.parse({ id: 7 }))).toMatchObject({
      instanceId: 7,
      label: null,
      usdPerHour: null,
      ssh: null,
    });
  });

  it.each([
    ["label", 5, "label"],
    ["machine_id", "abc", "machineId"],
    ["machine_id", 0, "machineId"],
    ["machine_id", 1.5, "machineId"],
    ["gpu_name", {}, "gpu"],
    ["actual_status", 1, "actualStatus"],
    ["dph_total", "cheap", "usdPerHour"],
    ["dph_total", -0.1, "usdPerHour"],
    ["start_date", [], "startedAtMs"],
    ["start_date", 0, "startedAtMs"],
    ["is_bid", "no", "isBid"],
    ["status_msg", 404, "statusMessage"],
  ] as const)("loses a bad %s (%j) and keeps the rest", (field, value, ours) => {
    const row = instance({ [field]: value });
    expect(row[ours]).toBeNull();
    expect({ ...row, [ours]: instance()[ours] }).toEqual(instance());
  });

  it("keeps the end of a long start error and no secret of it", () => {
    const status = `Error response from daemon: failed to create shim task: OCI runtime create failed: HF_TOKEN=hf_madeUpTokenOfAFixture0123456789 failed to inject CDI devices${"!".repeat(900)}`;
    const { statusMessage } = instance({ status_msg: status });
    expect(statusMessage).toContain("failed to inject CDI devices");
    expect(statusMessage).not.toContain("hf_made");
    expect(statusMessage).toHaveLength(500);
  });
});

describe("the marks of an instance", () => {
  const env = (extraEnv: unknown) => {
    const { envReadable, keeperId, intentId } = instance({ extra_env: extraEnv });
    return { envReadable, keeperId, intentId };
  };

  it("are absent for certain in a clean list without them", () => {
    expect(env([["WORKER_ID", "w"]])).toEqual({ envReadable: true, keeperId: null, intentId: null });
    expect(env([])).toEqual({ envReadable: true, keeperId: null, intentId: null });
  });

  it.each([
    ["null", null],
    ["missing", undefined],
    ["text", "FLEETKEEPER_ID=a"],
    ["an object", { FLEETKEEPER_ID: "a" }],
    ["a list of texts", ["FLEETKEEPER_ID=a"]],
    ["an entry of one", [["FLEETKEEPER_ID"]]],
    ["an entry of three", [["A", "b", "c"]]],
    ["a name that is no text", [[1, "x"]]],
    ["a mark that is no text", [["FLEETKEEPER_INTENT", 5]]],
    [
      "a mark given twice with different values",
      [
        ["FLEETKEEPER_ID", "a"],
        ["FLEETKEEPER_ID", "b"],
      ],
    ],
    ["a good mark beside an odd entry", [["FLEETKEEPER_ID", "a"], null]],
  ])("prove nothing where the environment is %s", (_name, extraEnv) => {
    expect(env(extraEnv)).toEqual({ envReadable: false, keeperId: null, intentId: null });
  });

  it("are all that is kept of the environment, and no other secret of the row is kept", () => {
    const text = JSON.stringify(instance());
    for (const secret of ["hf_madeUp", 'w-017"]', "53fcmadeup", "8080", "/opt/start.sh"])
      expect(text).not.toContain(secret);
  });
});

describe("the SSH address", () => {
  const ssh = (change: object) => instance(change).ssh;

  it("is the direct port where one is mapped, trimmed and from digits", () => {
    expect(ssh({ public_ipaddr: " 203.0.113.9\n", ports: { "22/tcp": [{ HostPort: "40001" }] } })).toEqual({
      host: "203.0.113.9",
      port: 40001,
    });
  });

  it.each([
    [{}],
    [null],
    [undefined],
    [{ "22/tcp": [] }],
    [{ "22/tcp": null }],
    [{ "22/tcp": [{ HostPort: "soon" }] }],
    ["none"],
  ])("is the proxy where the ports are %j", (ports) => {
    expect(ssh({ ports })).toEqual({ host: "ssh7.vast.ai", port: 37044 });
  });

  it("is the proxy where the box has no public address", () => {
    expect(ssh({ public_ipaddr: null })).toEqual({ host: "ssh7.vast.ai", port: 37044 });
  });

  it("is one port higher for jupyter, and only on the proxy", () => {
    expect(ssh({ ports: {}, image_runtype: "jupyter_proxy ssh_proxy" })).toEqual({ host: "ssh7.vast.ai", port: 37045 });
    expect(ssh({ image_runtype: "jupyter_direc ssh_direc ssh_proxy" })).toEqual({ host: "203.0.113.42", port: 40713 });
  });

  it("is none where a host's text could mean something to a shell, or the port is none", () => {
    expect(ssh({ ports: {}, ssh_host: "x; rm -rf ~" })).toBeNull();
    expect(ssh({ ports: {}, ssh_host: "-oProxyCommand=evil" })).toBeNull();
    expect(ssh({ ports: {}, ssh_port: 70000 })).toBeNull();
    expect(ssh({ ports: {}, ssh_port: null })).toBeNull();
  });
});

describe("an offer", () => {
  const rows = offerPageSchema.parse(offers).offers.map(toOffer);

  it("is told in our words and units", () => {
    expect(rows[0]).toEqual({
      offerId: 31234567,
      machineId: 33307,
      operatorId: 120840,
      gpu: "RTX 4090",
      gpuCount: 1,
      usdPerHour: 0.3518,
      gpuRamGb: 24.564,
      diskGb: 412.3,
      reliability: 0.9904841,
      driverVersion: "570.124.06",
      cudaMax: 12.8,
      durationSeconds: 2_145_600,
      downloadUsdPerGb: 0.0039,
      isRentable: true,
      isRented: false,
      geolocation: "Texas, US",
    });
  });

  it("may come in digits, with an underscored GPU and little else", () => {
    expect(rows[1]).toMatchObject({
      offerId: 31234568,
      machineId: 4411,
      gpu: "RTX 3070 Ti",
      gpuRamGb: 8.192,
      usdPerHour: 0.072,
      reliability: null,
    });
  });

  it("is none where the row is storage only, or has no GPU or no price", () => {
    expect(rows[2]).toBeNull();
    const row = { id: 1, gpu_name: "RTX 3060", num_gpus: 1, dph_total: 0.05 };
    expect(toOffer(offerRowSchema.parse(row))).not.toBeNull();
    for (const change of [{ gpu_name: "" }, { dph_total: null }, { num_gpus: 0 }, { resource_type: "volume" }]) {
      expect(toOffer(offerRowSchema.parse({ ...row, ...change }))).toBeNull();
    }
  });

  it("is known by its ask where it has no id, and unreadable with neither", () => {
    expect(
      toOffer(offerRowSchema.parse({ ask_contract_id: 9, gpu_name: "RTX 3060", num_gpus: 1, dph_total: 0.05 }))
        ?.offerId,
    ).toBe(9);
    expect(offerRowSchema.safeParse({ gpu_name: "RTX 3060" }).success).toBe(false);
  });
});
