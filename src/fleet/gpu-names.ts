// Names of GPU types as the market writes them, to tell a misspelt one from one that nobody offers today. A name that is
// not here is a note and not an error: new cards come.

/** One GPU of a machine goes by these names at Vast (search rows, 2024 to 2026). */
const MARKET_GPUS: readonly string[] = [
  "GTX 1060, GTX 1070, GTX 1070 Ti, GTX 1080, GTX 1080 Ti, GTX 1650, GTX 1650 S, GTX 1660, GTX 1660 S",
  "GTX 1660 Ti, Titan RTX, Titan V, Titan Xp, RTX 2060, RTX 2060S, RTX 2070, RTX 2070S, RTX 2080, RTX 2080S",
  "RTX 2080 Ti, RTX 3050, RTX 3060, RTX 3060 laptop, RTX 3060 Ti, RTX 3070, RTX 3070 laptop, RTX 3070 Ti",
  "RTX 3080, RTX 3080 Ti, RTX 3090, RTX 3090 Ti, RTX 4060, RTX 4060 Ti, RTX 4070, RTX 4070 laptop, RTX 4070S",
  "RTX 4070 Ti, RTX 4070S Ti, RTX 4080, RTX 4080S, RTX 4090, RTX 4090D, RTX 5060, RTX 5060 Ti, RTX 5070",
  "RTX 5070 Ti, RTX 5080, RTX 5090, RTX A2000, RTX A4000, RTX A4500, RTX A5000, RTX A6000, RTX 4000Ada",
  "RTX 4500Ada, RTX 5000Ada, RTX 5880Ada, RTX 6000Ada, RTX PRO 4000, RTX PRO 5000, RTX PRO 6000 S",
  "RTX PRO 6000 WS, Q RTX 4000, Q RTX 5000, Q RTX 6000, Q RTX 8000, Quadro P4000, Quadro P5000, Tesla P4",
  "Tesla P40, Tesla P100, Tesla T4, Tesla V100, A10, A16, A30, A40, A100 PCIE, A100 SXM4, A100X, A800 PCIE, L4",
  "L40, L40S, H100 PCIE, H100 SXM, H100 NVL, H200, H200 NVL, GH200 SXM, B200, B300",
].flatMap((names) => names.split(", "));

/** One sentence per wanted type that neither the market's names nor the workload's table know. */
export function unknownGpuNotes(gpus: readonly string[], workloadTable: Readonly<Record<string, number>>): string[] {
  const known = [...new Set([...MARKET_GPUS, ...Object.keys(workloadTable)])];
  return gpus
    .filter((gpu) => !known.includes(gpu))
    .map((gpu) => {
      const near = known.filter((name) => bare(name) === bare(gpu));
      const alike = near.length > 0 ? near : known.filter((name) => digitsOf(name) === digitsOf(gpu));
      const hint =
        alike.length === 0 ? "names are the market's own, such as RTX 3070 Ti" : `known: ${alike.join(", ")}`;
      return `GPU ${gpu} is not a name that the market is known to show; ${hint}`;
    });
}

function bare(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, "")
    .replace(/^(?:nvidia)?(?:geforce)?/, "");
}

function digitsOf(name: string): string {
  return /\d{2,}/.exec(name)?.[0] ?? name;
}
