// Three days of one player, on a database in memory. Run it from the project's folder.

import Foundation
import Levelkit

let player = "ida"

func tell(_ event: Event) {
    switch event {
    case .questCompleted(let quest, _): print("  quest \(quest) completed")
    case .xpAwarded(_, _, let finalXp, _, let totalXpAfter, _): print("  \(finalXp) XP, now \(totalXpAfter)")
    case .levelUp(_, let levelAfter): print("  level \(levelAfter)")
    case .statRaised(let stat, let value): print("  \(stat) \(value)")
    case .streakExtended(let currentStreak): print("  streak \(currentStreak)")
    case .titleEarned(let title): print("  title \(title) earned")
    case .titleEquipped(let title): print("  title \(title ?? "none") worn")
    default: break
    }
}

let rules = try String(contentsOfFile: "examples/rulesets/hunter.yaml", encoding: .utf8)
let ruleset = try Ruleset.fromYaml(text: rules)
print("rules \(ruleset.hash().prefix(12))")

let store = try await Store.open(url: "sqlite::memory:")
_ = try await store.migrate()
_ = try await store.importRuleset(ruleset: ruleset, at: Instant("2026-03-01T00:00:00Z"))
_ = try await store.createPlayer(player: NewPlayer(id: player, timezone: "Europe/Berlin"))

// Sunday to Tuesday. Reports are cumulative: how much it is so far today.
let days: [(day: String, steps: MetricValue, meditated: MetricValue)] = [
    ("2026-03-01", 9_000, true), ("2026-03-02", 12_500, false), ("2026-03-03", 8_200, true),
]
for (day, steps, meditated) in days {
    print(day)
    let metrics: Metrics = [
        "steps": steps, "pushups": 40, "squats": 60, "sleep_hours": 7.5, "water_litres": 2.5, "vegetables": 5, "sweets": 0,
        "screen_minutes": 15, "journal": true, "meditated": meditated,
    ]
    let outcome = try await store.execute(player: player, at: Instant("\(day)T20:00:00Z"), command: .report(metrics: metrics))
    outcome.events.forEach(tell)
}

// A title is worn from one command on.
let equip = Command.equipTitle(title: "first-page")
try await store.execute(player: player, at: Instant("2026-03-03T20:05:00Z"), command: equip).events.forEach(tell)

// Why was an award what it was? The ledger knows, step by step.
for entry in try await store.ledger(id: player, limit: 1).entries {
    print("why \(entry.event.finalXp) XP for \(entry.event.eventSource): \(entry.event.baseXp) at first")
    for step in entry.modifiers {
        print("  \(step.reason) times \(step.multiplier): \(step.xpBefore) to \(step.xpAfter)")
    }
}

// A command can be refused, with a code and the facts; then nothing has happened.
do {
    let challenge = Command.startBoss(boss: "slag-colossus")
    _ = try await store.execute(player: player, at: Instant("2026-03-03T20:10:00Z"), command: challenge)
} catch LevelkitError.refused(let refusal) {
    guard case .levelTooLow(let needed, let level) = refusal else { throw LevelkitError.refused(refusal: refusal) }
    print("refused: \(refusal.code()), level \(needed) is needed and \(player) is at level \(level)")
}

let ida = try await store.player(id: player)
print("\(ida.player) is level \(ida.level) with \(ida.totalXp) XP, next at \(ida.nextLevelAt.map { "\($0)" } ?? "never")")
print("streak \(ida.currentStreak), wears \(ida.activeTitle ?? "")")

let found = try await store.verify(id: player).verification
print("ledger \(found.failure == nil ? "sound" : "broken"): \(found.events) events, head \(found.head.prefix(12))")
store.close()
