// The version of this code, as package.json has it.

// The form that Node takes as well: the OpenAPI document is written without a bundler.
import manifest from "../package.json" with { type: "json" };

export const { version } = manifest;
