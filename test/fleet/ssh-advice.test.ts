import { describe, expect, it } from "vitest";
import { sshAdvice, sshLines } from "../../src/fleet/ssh-advice.ts";
import { someProgress } from "../support/builders.ts";

const ssh = "ssh -p 12345 root@ssh5.vast.ai";
const reach = { status: "running", ssh, log: { milestone: "worker started", progress: null } };
const commandsOf = (log: Parameters<typeof sshAdvice>[0]["log"]): readonly string[] =>
  sshAdvice({ ...reach, log }).checks.map(({ command }) => command);

describe("how to log in", () => {
  it("is the command of a running box", () => {
    expect(sshAdvice(reach)).toMatchObject({ command: ssh, why: null, milestone: "worker started" });
    expect(sshLines(sshAdvice(reach))[0]).toBe(ssh);
  });

  it.each([
    [null, ssh, "still being provisioned"],
    ["created", ssh, "still created"],
    ["loading", ssh, "still loading"],
    ["exited", ssh, "its status is exited"],
    ["stopped", ssh, "its status is stopped"],
    ["offline", ssh, "its status is offline"],
    ["unknown", ssh, "its status is unknown"],
    ["running", null, "no SSH port of it is mapped"],
  ])("is not there at status %s with %s, and says why", (status, command, why) => {
    const advice = sshAdvice({ ...reach, status, ssh: command });
    expect(advice.command).toBeNull();
    expect(advice.why).toContain(why);
    expect(sshLines(advice)[0]).toContain("no SSH: ");
  });
});

describe("what to look at there (runbook §3 and §4)", () => {
  const general = [
    "nvidia-smi",
    "ps aux | grep worker",
    "df -h",
    'pip list | grep -E "torch|hugging"',
    "cat /etc/os-release",
  ];

  it.each([
    ["a blank log", { milestone: null, progress: null }, ["cat /proc/1/cmdline | tr '\\0' ' '", "nvidia-smi"]],
    ["git installed", { milestone: "git installed", progress: null }, ["ls /root/code/", "pip list | grep hugging"]],
    ["repo cloned", { milestone: "repo cloned", progress: null }, ["ls /root/code/", "pip list | grep hugging"]],
  ])("begins with its own checks after %s, and has each once", (_words, log, first) => {
    const commands = commandsOf(log);
    expect(commands.slice(0, 2)).toEqual(first);
    expect(commands.toSorted()).toEqual([...new Set([...first, ...general])].toSorted());
  });

  it.each([
    ["later milestones", { milestone: "deps installed", progress: null }],
    ["a worker that has produced", { milestone: null, progress: { ...someProgress(), atMs: 0, batchMs: [] } }],
    ["a box whose log was not measured", null],
  ])("is the general list for %s", (_words, log) => {
    expect(commandsOf(log)).toEqual(general);
  });
});
