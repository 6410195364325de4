"use strict";

// The entry for `require`; index.mjs hands on the very same classes, so that `instanceof` holds across both.
const native = require("./native.cjs");

/** What levelkit throws, and what its promises reject with. */
class LevelkitError extends Error {
  constructor(message, facts, hint, isTransient = false) {
    super(message);
    this.code = facts.code;
    this.facts = facts;
    this.hint = hint;
    this.isTransient = isTransient;
  }
}
Object.defineProperty(LevelkitError.prototype, "name", { value: "LevelkitError", configurable: true, writable: true });

native.useErrorClass(LevelkitError);

module.exports.LevelkitError = LevelkitError;
// What napi declares of its own.
module.exports.__napiBindingTarget = native.__napiBindingTarget;
module.exports.Curve = native.Curve;
module.exports.Engine = native.Engine;
module.exports.ModifierStack = native.ModifierStack;
module.exports.Player = native.Player;
module.exports.Requirement = native.Requirement;
module.exports.Ruleset = native.Ruleset;
module.exports.Store = native.Store;
module.exports.hashEvent = native.hashEvent;
module.exports.timeZoneVersion = native.timeZoneVersion;
module.exports.verifyLedger = native.verifyLedger;
module.exports.version = native.version;
