import { describe, expect, it } from "vitest";
import { freshTimestamp, isAboutMoney, readNotification } from "../../src/vast/notification.ts";

const body = (changes: Record<string, unknown> = {}): string =>
  JSON.stringify({
    event_id: "7e9a2c4e6f9e4a24a53b77c2d8e3f0aa",
    user_id: 123456,
    notif_type: "instance_stopped",
    subject: "Your instance has stopped",
    message: "Instance 30000041 (zeb-worker-vast-1) on machine 4183 is no longer running.",
    timestamp: 1_772_490_000.123,
    ...changes,
  });

describe("readNotification", () => {
  it("finds what may be an instance in the words, and never the user's or the event's number", () => {
    expect(readNotification(body())).toEqual({
      eventId: "7e9a2c4e6f9e4a24a53b77c2d8e3f0aa",
      type: "instance_stopped",
      numbers: [30000041, 4183],
      labels: ["zeb-worker-vast-1"],
    });
  });

  it("takes a field for the instance, should there be one, as a number or as text", () => {
    expect(readNotification(body({ message: "", instance_id: 30000041 }))?.numbers).toEqual([30000041]);
    expect(readNotification(body({ message: "", contract_id: "30000041" }))?.numbers).toEqual([30000041]);
    expect(readNotification(body({ message: "", instance_id: { odd: true } }))?.numbers).toEqual([]);
  });

  it("takes prices, times and hashes for no number of an instance", () => {
    const message = "You paid $1234.56 on 2026-11-24 at 12:30, see a1234567 or 12345-67.";
    expect(readNotification(body({ message }))?.numbers).toEqual([]);
  });

  it("takes any type, also with the prefix of its subscription, and lets nothing odd into a line", () => {
    expect(readNotification(body({ notif_type: "client:low_credit" }))?.type).toBe("low_credit");
    expect(readNotification(body({ notif_type: "a\u001b[31m b" }))?.type).toBe("a31mb");
    expect(readNotification(body({ notif_type: 7 }))?.type).toBe("unknown");
  });

  it("is nothing without an event's id, or where it is no object", () => {
    for (const text of ["", "[]", "7", "null", "{", body({ event_id: undefined }), body({ event_id: "" })])
      expect(readNotification(text)).toBeNull();
  });

  it("reads a hostile text in time and keeps few of its numbers", () => {
    const message = `${"12345 ".repeat(5000)}${"a-".repeat(50_000)}`;
    expect(readNotification(body({ subject: "99999", message }))?.numbers).toEqual([99999, 12345]);
  });
});

it("freshTimestamp takes 300 seconds on either side, and whole seconds only", () => {
  const nowMs = 1_772_490_000_000;
  const fresh = (seconds: number): string | null => freshTimestamp(String(seconds), nowMs);
  expect(fresh(1_772_490_000 - 300)).not.toBeNull();
  expect(fresh(1_772_490_000 - 301)).toBeNull();
  expect(fresh(1_772_490_000 + 300)).not.toBeNull();
  expect(fresh(1_772_490_000 + 301)).toBeNull();
  for (const odd of [null, "", "now", "1772490000.5", "-1", "1772490000 "])
    expect(freshTimestamp(odd, nowMs)).toBeNull();
});

it("isAboutMoney", () => {
  expect(["low_credit", "billing_failed", "payment_receipt"].every(isAboutMoney)).toBe(true);
  expect(["outbid", "instance_stopped", "webhook_test"].some(isAboutMoney)).toBe(false);
});
