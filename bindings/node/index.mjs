// The entry for `import`: the same classes as for `require`.
import levelkit from "./index.cjs";

export const {
  LevelkitError,
  __napiBindingTarget,
  Curve,
  Engine,
  ModifierStack,
  Player,
  Requirement,
  Ruleset,
  Store,
  hashEvent,
  timeZoneVersion,
  verifyLedger,
  version,
} = levelkit;
