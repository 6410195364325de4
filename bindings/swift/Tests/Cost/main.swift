// What a call costs, and whether memory stays after many.

import Foundation
import Levelkit

let rules = """
    {
        "format": "levelkit.ruleset/1",
        "quests": [{
            "id": "walk", "name": "Walk", "description": "8,000 steps", "type": "DAILY", "category": "MOVEMENT",
            "requirements": {"type": "numeric", "metric": "steps", "op": ">=", "value": 8000},
            "base_xp": 100, "is_core": true
        }]
    }
    """
let calls = ProcessInfo.processInfo.environment["LEVELKIT_COST_CALLS"].flatMap { Int($0) } ?? 200_000
let engine = try Engine(ruleset: Ruleset.fromJson(text: rules))
let start = try Instant("2026-03-02T08:00:00Z")
let curve = try Curve.fromJson(text: #"{"family":"table","thresholds":[0,100],"step":100}"#)
var player = try Player(id: "ida")

@MainActor func report(_ n: Int) throws {
    // A player of a day's reports, then the next one: what is kept must not grow by the rules.
    if n % 100 == 0 { player = try Player(id: "ida") }
    let command = Command.report(metrics: ["steps": .number(Double(n % 10_000))])
    _ = try engine.execute(player: player, at: start, command: command)
}

func resident() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return Int(line?.filter(\.isNumber) ?? "") ?? 0
}

func nanoseconds(_ calls: Int, _ call: (Int) throws -> Void) rethrows -> Int {
    let began = DispatchTime.now().uptimeNanoseconds
    for n in 0..<calls { try call(n) }
    return Int(DispatchTime.now().uptimeNanoseconds - began) / calls
}

for n in 0..<10_000 { try report(n) }
let before = try resident()
let time = try nanoseconds(calls, report)
let after = try resident()
let empty = nanoseconds(1_000_000) { _ in _ = curve.maxLevel() }
print("cost: swift: an empty call \(empty) ns, a report in memory \(Double(time) / 1000) us")
print("memory: swift: \(before) kB after 10000 reports, \(after) kB after \(calls + 10_000)")
if Double(after) > Double(before) * 1.1 { exit(1) }
