// Why an offer may not be taken, and where its expected rate comes from, in words.

const refusals: Readonly<Record<string, string>> = {
  "not-a-gpu": "no GPU",
  rented: "rented already",
  "gpu-type": "another GPU",
  "gpu-count": "several GPUs",
  "gpu-memory": "too little GPU memory",
  "gpu-ran-out-of-memory": "ran out of GPU memory",
  reliability: "not reliable enough",
  cuda: "CUDA too old",
  driver: "driver too old",
  duration: "promised too shortly",
  price: "over the cap",
  blocked: "machine blocked",
  "unknown-machine": "machine not known",
  disk: "too little disk",
  taken: "machine is ours already",
  "refused-lately": "refused to us lately",
  "ends-soon": "ends within two hours",
  "download-cost": "downloads cost too much",
};

export function refusalText(refusal: string): string {
  return refusals[refusal] ?? refusal.replaceAll("-", " ");
}

const sources: Readonly<Record<string, string>> = {
  machine: "its own rate",
  "gpu-type": "its type's rate",
  table: "from the table",
  default: "a guess",
};

export function sourceText(source: string): string {
  return sources[source] ?? source;
}
