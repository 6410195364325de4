// What a call costs, beside Rust, and whether memory stays after a million: run in the project's folder.

import Foundation
import Levelkit

struct Workload: Decodable {
    let player: String
    let start: String
    let reports: Int
    let head: String
}

func check(_ holds: Bool, _ otherwise: @autoclosure () -> String) {
    if !holds { fatalError(otherwise()) }
}

let text = try Data(contentsOf: URL(fileURLWithPath: "tests/cost/workload.json"))
let work = try JSONDecoder().decode(Workload.self, from: text)
let document = try JSONSerialization.jsonObject(with: text) as? [String: Any]
let rules = try JSONSerialization.data(withJSONObject: document?["ruleset"] as Any)
let engine = try Engine(ruleset: Ruleset.fromJson(text: String(decoding: rules, as: UTF8.self)))
let start = try Instant(work.start)
let curve = try Curve.fromJson(text: #"{"family":"table","thresholds":[0,100],"step":100}"#)
let requirement = try Requirement.fromJson(text: #"{"type":"numeric","metric":"steps","op":">=","value":8000}"#)

/// The reports, with other calls between them; it ends at the pinned head, or there is nothing to measure.
@MainActor func play(_ between: (Player, Instant, Int) throws -> Void = { _, _, _ in }) throws {
    let player = try Player(id: work.player)
    var head = ""
    for n in 0..<work.reports {
        let at = start.adding(seconds: Int64(n) * 3600)
        let report = Command.report(metrics: ["steps": .number(Double(n * 997 % 10_000))])
        head = try engine.execute(player: player, at: at, command: report).head.hash
        try between(player, at, n)
    }
    check(head == work.head, "another ledger than the pinned one: \(head)")
}

/// One call more: mostly an empty one, and now and then one that answers much, or that throws.
@MainActor func other(_ player: Player, _ at: Instant, _ n: Int) throws {
    switch n % 10 {
    case 4: _ = try requirement.explain(metrics: ["steps": 5])
    case 9:
        do {
            _ = try engine.execute(player: player, at: at, command: .startBoss(boss: "none"))
            fatalError("there is no such boss")
        } catch LevelkitError.refused {}
    default: _ = curve.maxLevel()
    }
}

func resident() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return Int(line?.filter(\.isNumber) ?? "") ?? 0
}

/// The shortest of several rounds, in nanoseconds.
func best(_ round: () throws -> Void) rethrows -> Double {
    var shortest = UInt64.max
    for _ in 0..<20 {
        let began = DispatchTime.now().uptimeNanoseconds
        try round()
        shortest = min(shortest, DispatchTime.now().uptimeNanoseconds - began)
    }
    return Double(shortest)
}

func shown(_ number: Double) -> String { String(format: "%.1f", number) }

func told(_ name: String) -> String? { ProcessInfo.processInfo.environment[name] }

let calls = told("LEVELKIT_CALLS").flatMap { Int($0) } ?? 1_000_000
for _ in 0..<10_000 / (2 * work.reports) { try play(other) }
let before = try resident()
for _ in 0..<(calls - 10_000) / (2 * work.reports) { try play(other) }
let after = try resident()
print("memory: swift: \(before) kB after 10,000 calls, \(after) kB after \(calls)")
check(Double(after) <= Double(before) * 1.1, "memory grows")

let empty = best { for _ in 0..<100_000 { _ = curve.maxLevel() } } / 100_000
let report = try best { try play() } / Double(work.reports)
let rusts = (told("LEVELKIT_COST_RUST") ?? "").split(separator: " ").compactMap { Double($0) }
var beside = ["", ""]
if rusts.count == 2 {
    beside[0] = " (Rust \(rusts[0]) ns, \(shown(empty / rusts[0])) times that)"
    beside[1] = " (Rust \(shown(rusts[1] / 1000)) us, \(shown(report / rusts[1])) times that)"
}
print("cost: swift: an empty call \(Int(empty)) ns\(beside[0]), a report in memory \(shown(report / 1000)) us\(beside[1])")
