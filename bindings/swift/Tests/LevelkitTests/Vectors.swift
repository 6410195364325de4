import Foundation
import Levelkit
import Testing

/// How many cases of a run passed, and what the others got wrong.
final class Tally {
    private var passed = 0
    private var failures: [String] = []

    /// Counts a case; `outcome` says what is wrong with it, if anything.
    func count(_ name: String, _ outcome: () throws -> String?) {
        settle(name, Result(catching: outcome))
    }

    func count(_ name: String, _ outcome: () async throws -> String?) async {
        do {
            settle(name, .success(try await outcome()))
        } catch {
            settle(name, .failure(error))
        }
    }

    private func settle(_ name: String, _ outcome: Result<String?, any Error>) {
        switch outcome {
        case .success(nil): passed += 1
        case .success(let wrong?): failures.append("\(name): \(wrong)")
        case .failure(let error): failures.append("\(name): failed with \(error)")
        }
    }

    /// Prints the line that every language prints, and fails if any case did.
    func report(_ target: String) {
        print("vectors: swift \(target): \(passed) passed, \(failures.count) failed")
        #expect(passed + failures.count > 0, "no vector was found in \(Vectors.folder.path)")
        #expect(failures.isEmpty, "\(failures.prefix(40).joined(separator: "\n"))")
    }
}

/// The conformance vectors: one truth for every language.
enum Vectors {
    /// The project's folder.
    static let root: URL = {
        var folder = URL(fileURLWithPath: #filePath)
        for _ in 0..<5 { folder.deleteLastPathComponent() }
        return folder
    }()

    static let folder: URL = {
        let named = ProcessInfo.processInfo.environment["LEVELKIT_VECTORS"]
        return named.map { URL(fileURLWithPath: $0) } ?? root.appendingPathComponent("tests/vectors")
    }()

    static func files(_ suite: String) -> [URL] {
        let folder = folder.appendingPathComponent(suite)
        let files = try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        return (files ?? []).filter { $0.pathExtension == "json" }.sorted { $0.path < $1.path }
    }

    /// A file's name as reports show it.
    static func name(_ file: URL) -> String {
        "\(file.deletingLastPathComponent().lastPathComponent)/\(file.deletingPathExtension().lastPathComponent)"
    }

    /// Runs every suite that needs no player.
    static func runPure(_ tally: Tally) throws {
        let suites: [(String, (Cases, Json) throws -> Void)] = [
            ("curve", curve), ("requirement", requirement), ("award", award), ("ledger", ledger),
            ("ruleset_error", rulesetError), ("narrative", narrative),
        ]
        for (suite, run) in suites {
            for file in files(suite) { try run(Cases(name: name(file), tally: tally), Json(reading: file)) }
        }
    }

    struct Cases {
        let name: String
        let tally: Tally

        func each(_ cases: [Json], _ run: (Json) throws -> String?) {
            for (index, one) in cases.enumerated() { tally.count("\(name)[\(index)]") { try run(one) } }
        }
    }

    /// A case's result against what it expects, or a refusal's code.
    private static func settle<T>(_ one: Json, _ run: () throws -> T, _ check: (T) throws -> String?) throws -> String? {
        let expected = try one["refuse"]?.text
        let found: T
        do {
            found = try run()
        } catch {
            let code = try code(of: error)
            return code == expected ? nil : "expected \(expected ?? "a result"), got \(code)"
        }
        return try expected.map { "expected \($0), got a result" } ?? check(found)
    }

    /// The code of an error; of a ruleset's faults the first one's.
    static func code(of error: any Error) throws -> String {
        switch error {
        case let refused as Refused: return refused.code
        case LevelkitError.invalidRuleset(let faults): return "\(faults[0].code)"
        case let error as LevelkitError: return error.code()
        default: throw error
        }
    }

    private static func same<T: Equatable>(_ what: String, _ found: T, _ expected: T) -> String? {
        found == expected ? nil : "\(what): expected \(expected), got \(found)"
    }

    private static func curve(_ cases: Cases, _ file: Json) throws {
        // Where it cannot be made, each of the cases finds out.
        let made = Result { try Curve.fromJson(text: file["curve"]?.raw ?? defaultCurve) }
        cases.each(try file.need("cases").items) { one in
            guard case .success(let curve) = made else { return try settle(one, { try made.get() }) { _ in nil } }
            if let total = one["total_xp"] {
                let wrong = try settle(one, { try curve.level(totalXp: total.int64) }) {
                    same("level", $0, try one.need("level").int32)
                }
                if wrong != nil || one["threshold"] == nil { return wrong }
            }
            return try threshold(curve, one)
        }
    }

    private static let defaultCurve = #"{"family":"polynomial","coefficients":[0,25,"57.5"]}"#

    private static func threshold(_ curve: Curve, _ one: Json) throws -> String? {
        var found: Int64?
        do {
            found = try curve.threshold(level: one.need("level").int32)
        } catch is Refused {
            found = nil  // A level that does not fit does not exist either.
        }
        return same("threshold", found, one["refuse"] == nil ? try one.need("threshold").int64 : nil)
    }

    private static func requirement(_ cases: Cases, _ file: Json) throws {
        cases.each(try file.need("cases").items) { one in
            try settle(one) {
                let requirement = try Requirement.fromJson(text: one.need("requirement").raw)
                let reported = try one["metrics"].map { try metrics($0) } ?? [:]
                let outcome = try requirement.evaluate(metrics: reported)
                let explained = state(of: try requirement.explain(metrics: reported))
                guard explained == outcome.state else { throw Malformed(what: "the explanation differs: \(explained)") }
                return outcome
            } _: { outcome in
                let states: [String: RequirementState] = ["MET": .met, "NOT_MET": .notMet, "UNKNOWN": .unknown]
                if let state = try one["state"].map({ states[try $0.text] }), let wrong = same("state", outcome.state, state) {
                    return wrong
                }
                guard let fraction = try one["fraction"]?.double, abs(outcome.fraction - fraction) > 1e-9 else { return nil }
                return "fraction: expected \(fraction), got \(outcome.fraction)"
            }
        }
    }

    private static func award(_ cases: Cases, _ file: Json) throws {
        let stack = Result { try ModifierStack.fromJson(text: file["modifiers"]?.raw ?? "{}") }
        cases.each(try file.need("cases").items) { one in
            try settle(one) {
                let base = try one.need("base_xp").int32
                let circumstances = try circumstances(one["context"])
                do {
                    return try stack.get().award(
                        baseXp: base, source: label(one.need("source")), circumstances: circumstances)
                } catch LevelkitError.invalidArgument {
                    // Nothing else that an award takes is a value of its own.
                    throw Refused(code: "INVALID_MULTIPLIER")
                }
            } _: { award in
                if let final = try one["final_xp"]?.int64, let wrong = same("final_xp", Int64(award.finalXp), final) {
                    return wrong
                }
                return try one["steps"].flatMap { try steps(award.steps, $0.items) }
            }
        }
    }

    private static func circumstances(_ context: Json?) throws -> AwardCircumstances {
        guard let context else { return AwardCircumstances() }
        func factor(_ id: String) throws -> NamedFactor? {
            try context["\(id)_multiplier"].map { NamedFactor(id: id, multiplier: try multiplier($0)) }
        }
        return AwardCircumstances(
            currentStreak: try context["current_streak"]?.int32 ?? 0, weekend: context["weekend"]?.yes ?? false,
            season: try factor("season"),
            title: try context["title"].map {
                WornTitle(
                    id: "title", passiveType: try label($0.need("passive_type")),
                    passiveValue: try $0.need("passive_value").double)
            },
            dungeon: try factor("dungeon"), debuffed: context["debuffed"]?.yes ?? false)
    }

    private static func steps(_ found: [Step], _ expected: [Json]) throws -> String? {
        if found.count != expected.count { return "expected \(expected.count) steps, got \(found.count)" }
        for (step, pinned) in zip(found, expected) {
            guard case .object(let wire) = try Wire(step) else { continue }
            for (key, value) in pinned.fields {
                if case .null = value.kind { continue }
                let differs = key == "multiplier"
                    ? same(key, step.multiplier, try multiplier(value)) : difference(key, wire[key] ?? .null, value)
                if let differs { return differs }
            }
        }
        return nil
    }

    private static func ledger(_ cases: Cases, _ file: Json) throws {
        let hashes = try file.need("hashes").items
        let events = try file.need("events").items
        if events.count != hashes.count {
            cases.tally.count(cases.name) { same("hashes", hashes.count, events.count) }
        }
        for (index, one) in events.enumerated() {
            cases.tally.count("\(cases.name)[\(index)]") {
                guard index < hashes.count else { return "no hash" }
                let previous = index == 0 ? firstHash() : try hashes[index - 1].text
                let modifiers = try one["modifiers"]?.items.map(modifier) ?? []
                let hash = try hashEvent(previous: previous, event: xpEvent(one), modifiers: modifiers)
                return same("hash", hash, try hashes[index].text)
            }
        }
    }

    private static func xpEvent(_ json: Json) throws -> XpEvent {
        XpEvent(
            id: try json.need("id").text, userId: try json.need("user_id").text,
            eventSource: try label(json.need("event_source")), sourceId: try json["source_id"]?.text,
            baseXp: try json.need("base_xp").int32, finalXp: try json.need("final_xp").int32,
            totalXpBefore: try json.need("total_xp_before").int64, totalXpAfter: try json.need("total_xp_after").int64,
            levelBefore: try json.need("level_before").int32, levelAfter: try json.need("level_after").int32,
            createdAt: Instant(microseconds: try json.need("created_at").int64), eventHash: firstHash())
    }

    private static func modifier(_ json: Json) throws -> XpModifier {
        XpModifier(
            id: "not hashed", order: try json.need("order").int32, modifier: try label(json.need("type")),
            multiplier: try multiplier(json.need("multiplier")), reason: try json.need("reason").text,
            xpBefore: try json.need("xp_before").int32, xpAfter: try json.need("xp_after").int32)
    }

    private static func rulesetError(_ cases: Cases, _ file: Json) throws {
        cases.each(try file.need("cases").items) { one in
            let text = try one["ruleset_text"]?.text ?? one["ruleset"]?.raw ?? "null"
            var found: [String] = []
            do {
                _ = try Ruleset.fromJson(text: text)
            } catch LevelkitError.invalidRuleset(let faults) {
                found = faults.map { "\($0.path): \($0.code)" }
            }
            let expected = try one.need("errors").items.map { "\(try $0.need("path").text): \(try $0.need("code").text)" }
            return same("errors", found.sorted(), expected.sorted())
        }
    }

    private static func narrative(_ cases: Cases, _ file: Json) throws {
        let ruleset = Result { try Ruleset.fromJson(text: file.need("ruleset").raw) }
        cases.each(try file.need("cases").items) { one in
            var variables: [String: String] = [:]
            for (name, value) in one["variables"]?.fields ?? [] { variables[name] = try value.text }
            if let key = try one["key"]?.text {
                return try settle(one, { try ruleset.get().tell(key: key, variables: variables) }) {
                    same("text", $0, try one["text"]?.text)
                }
            }
            if let category = one["category"] {
                return try settle(one, { try ruleset.get().narrativesAbout(category: label(category)) }) {
                    same("keys", $0, try one.need("keys").items.map { try $0.text })
                }
            }
            return try settle(one, { try told(Engine(ruleset: ruleset.get()), event(one.need("event")), variables) }) { told in
                same("told", told, try (one["told"]?.items ?? []).map { Told(key: try $0.need("key").text, text: try $0.need("text").text) })
            }
        }
    }

    private static func told(_ engine: Engine, _ event: Event, _ variables: [String: String]) throws -> [Told] {
        try engine.narrate(player: Player(id: "p1"), event: event, variables: variables).map {
            switch $0 {
            case .told(let told): return told
            case .untold(let why): throw LevelkitError.untold(narrative: why)
            }
        }
    }
}

/// Whether an explanation's requirement holds.
func state(of explanation: Explanation) -> RequirementState {
    switch explanation {
    case .numeric(_, _, _, _, _, let state, _): state
    case .boolean(_, _, _, let state, _): state
    case .between(_, _, _, _, _, let state, _): state
    case .not(_, let state, _): state
    case .compound(_, _, let state, _): state
    }
}
