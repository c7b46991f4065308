// Instances asked for by their ids, because a list did not show them. A hundred calls that hang would hold the CHECK for
// ten minutes, and the account's few places for calls with it: where a handful brings no answer, the rest is not asked.

import type { Confirmation } from "../fleet/absence.ts";
import { SLOTS_DEFAULT as HANDFUL } from "../outbound.ts";
import type { VastClient } from "../vast/client.ts";

export async function askByIds(
  vast: Pick<VastClient, "one">,
  instanceIds: readonly number[],
): Promise<readonly (readonly [number, Confirmation])[]> {
  const answers: (readonly [number, Confirmation])[] = [];
  let isSilent = false;
  for (let from = 0; from < instanceIds.length; from += HANDFUL) {
    const handful = instanceIds.slice(from, from + HANDFUL);
    const heard = await Promise.all(
      handful.map(async (id) => [id, isSilent ? "unknown" : await confirmationOf(vast, id)] as const),
    );
    isSilent ||= heard.every(([, confirmation]) => confirmation === "unknown");
    answers.push(...heard);
  }
  return answers;
}

async function confirmationOf(vast: Pick<VastClient, "one">, instanceId: number): Promise<Confirmation> {
  const answer = await vast.one(instanceId);
  if (!answer.ok) return "unknown";
  return answer.value === null ? "absent" : "present";
}
