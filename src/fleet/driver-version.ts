// Driver versions as the market compares them.

export const driverVersionPattern = /^\d{1,4}(?:\.\d{1,3}){0,2}$/;

/**
 * "535.86.05" as the market's integer 535086005: each part padded to three digits, parts left out being 0 (Vast API
 * reference §2). `null`: no version.
 */
export function driverNumber(version: string): number | null {
  if (!driverVersionPattern.test(version)) return null;
  const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
  return major * 1_000_000 + minor * 1000 + patch;
}
