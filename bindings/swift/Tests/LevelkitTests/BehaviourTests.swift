import Foundation
import Levelkit
import Testing

/// What a host can rely on beside the rules: errors as values, no crash, any thread.
@Suite struct BehaviourTests {
    let engine: Engine

    init() throws { engine = try Engine(ruleset: World.ruleset()) }

    @Test func aPanicInsideIsAnError() async throws {
        let error = await failure { try panicInside(text: "deep down") }
        #expect(error == .internal(what: "deep down"))
        #expect(error?.code() == "INTERNAL_ERROR")
        #expect(error?.localizedDescription == "a defect of levelkit: deep down")
        #expect(await failure { try await panicInsideLater(text: "later") } == .internal(what: "later"))
        let decision = try engine.execute(player: Player(id: "ida"), at: World.start, command: World.walked(9_000))
        #expect(decision.events.count == 4)
    }

    @Test func aRefusalCarriesItsCodeAndItsFacts() async throws {
        let player = try Player(id: "ida")
        let before = try player.toJson()
        let error = await failure { try engine.execute(player: player, at: World.start, command: .enterDungeon(dungeon: "mine")) }
        #expect(error == .refused(refusal: .levelTooLow(needed: 3, level: 1)))
        #expect(error?.code() == "LEVEL_TOO_LOW")
        #expect(error.map { "\($0)" } == "level 3 is needed, the player is at level 1")
        #expect(error?.localizedDescription == "level 3 is needed, the player is at level 1")
        #expect(try player.toJson() == before)
    }

    @Test func everyFaultOfARulesetHasItsPlace() async throws {
        let text = "{\n  \"format\": \"levelkit.ruleset/1\",\n  \"quests\": [{\"base_xp\": \"lots\"}]\n}"
        guard case .invalidRuleset(let faults)? = await failure({ try Ruleset.fromJson(text: text) }) else {
            Issue.record("no faults")
            return
        }
        let fault = try #require(faults.first { $0.path == "quests[0].base_xp" })
        #expect(fault.code == .wrongType)
        #expect((fault.line, fault.column) == (3, 26))
        #expect(faults.count > 3)
        let hunter = Vectors.root.appendingPathComponent("examples/rulesets/hunter.yaml")
        let yaml = try Ruleset.parse(text: String(contentsOf: hunter, encoding: .utf8), format: .yaml)
        #expect(try Ruleset.fromJson(text: yaml.canonical()).hash() == yaml.hash())
        #expect(rulesetSchema().contains("levelkit ruleset"))
    }

    @Test func aValueThatIsNoneOfItsTypeIsRefused() async throws {
        let player = try Player(id: "ida")
        let store = try await World.store()
        let far = Instant(microseconds: .max)
        #expect(await failure { try engine.view(player: player, at: far) }?.code() == "INVALID_ARGUMENT")
        #expect(await failure { try await store.player(id: "ida", at: far) }?.code() == "INVALID_ARGUMENT")
        #expect(await failure { try Instant("tomorrow") }?.code() == "INVALID_ARGUMENT")
        #expect(await failure { try Day("2026-02-30") }?.code() == "INVALID_ARGUMENT")
        let nan = Command.report(metrics: ["steps": .number(.nan)])
        #expect(await failure { try engine.execute(player: player, at: World.start, command: nan) }?.code() == "INVALID_METRIC")
        let zone = await failure { try Player(id: "ida", timezone: "Berlin") }
        #expect(zone == .refused(refusal: .invalidTimezone(timezone: "Berlin")))
        #expect(await failure { try Player.fromJson(text: "{}") }?.code() == "INVALID_ARGUMENT")
        for id in ["", "\u{0}"] { #expect(await failure { try Player(id: id) } == .refused(refusal: .invalidText(field: "id"))) }
        // Values that Swift itself could trap on.
        for date in [Date.distantPast, .distantFuture, Date(timeIntervalSince1970: .infinity), Date(timeIntervalSince1970: .nan)] {
            _ = await failure { try engine.view(player: player, at: Instant(date)) }
        }
        let title = WornTitle(id: "t", passiveType: .percentXpBonus, passiveValue: .nan)
        let stack = try ModifierStack.fromJson()
        let award = await failure {
            try stack.award(baseXp: 1, source: .bossDefeat, circumstances: AwardCircumstances(title: title))
        }
        #expect(award?.code() == "OUT_OF_RANGE")
        let factor = NamedFactor(id: "s", multiplier: -1)
        let negative = await failure {
            try stack.award(baseXp: 1, source: .bossDefeat, circumstances: AwardCircumstances(season: factor))
        }
        #expect(negative?.code() == "INVALID_ARGUMENT")
    }

    @Test func whatIsClosedIsClosed() async throws {
        let store = try await World.store()
        store.close()
        store.close()
        #expect(await failure { try await store.players() }?.code() == "STORE_CLOSED")
        #expect(await failure { try await store.players() }?.hint() != nil)
    }

    @Test func anErrorSaysWhetherTheSameAgainMaySucceedSoon() async throws {
        var tries: [String] = []
        // As docs/errors.md has it.
        func trying<Answer>(_ times: Int, _ call: () async throws -> Answer) async throws -> Answer {
            for _ in 1..<times {
                do { return try await call() } catch let error as LevelkitError where error.isTransient() {
                    tries.append(error.code())
                }
            }
            return try await call()
        }
        let nobody = "postgres://nobody@127.0.0.1:1/none"
        let unavailable = await failure { try await trying(3) { try await Store.open(url: nobody) } }
        #expect(unavailable?.code() == "STORE_UNAVAILABLE" && unavailable?.isTransient() == true)
        #expect(tries == ["STORE_UNAVAILABLE", "STORE_UNAVAILABLE"])
        let invalid = await failure { try await trying(3) { try await Store.open(url: "mysql://x") } }
        #expect(invalid?.code() == "INVALID_URL" && invalid?.isTransient() == false)
        let store = try await World.store()
        let refused = await failure { try await trying(3) { try await store.player(id: "bo") } }
        #expect(refused?.code() == "UNKNOWN_ID" && refused?.isTransient() == false)
        #expect(tries.count == 2)
    }

    @Test func foundationsNamesStayItsOwn() throws {
        // A type of that name would hide it.
        let walked = Measurement(value: 8, unit: UnitLength.kilometers)
        #expect(walked.converted(to: .meters).value == 8_000)
        let metrics: [MetricInfo] = try World.ruleset().metrics()
        #expect(metrics.map(\.metric) == ["run_km", "steps"])
    }

    @Test func closingAStoreThatIsInUseLetsItsCallsEnd() async throws {
        let store = try await World.store()
        let codes = await withTaskGroup(of: String.self) { group in
            for n in 0..<64 {
                group.addTask {
                    await failure { try await store.execute(player: "ida", at: World.start, command: World.walked(9_000 + n)) }?
                        .code() ?? "done"
                }
            }
            let first = await group.next()
            store.close()
            return await group.reduce(into: [first!]) { $0.append($1) }
        }
        #expect(codes.first == "done")
        #expect(codes.count == 64)
        #expect(Set(codes).isSubset(of: ["done", "STORE_CLOSED"]), "\(codes)")
    }

    @Test func aCancelledCallLeavesTheStoreWhole() async throws {
        let store = try await World.store()
        for n in 0..<20 {
            let call = Task { try await store.execute(player: "ida", at: World.day(Int64(n)), command: World.walked(9_000)) }
            call.cancel()
            _ = await call.result
        }
        _ = try await store.execute(player: "ida", at: World.day(30), command: .advance)
        #expect(try await store.verify(id: "ida").verification.failure == nil)
    }

    @Test func onePlayerAndManyThreads() async throws {
        let player = try Player(id: "ida")
        let engine = engine
        DispatchQueue.concurrentPerform(iterations: 400) { n in
            _ = try? engine.execute(player: player, at: World.start, command: .adjustXp(id: "a\(n)", amount: 1, reason: "one each"))
        }
        #expect(try engine.view(player: player, at: World.start).totalXp == 400)
        #expect(try player.head().events == 400)
    }

    @Test func batchesDoTheSameAsSingleCallsOrNothing() async throws {
        let (one, other) = (try Player(id: "ida"), try Player(id: "ida"))
        let commands = (0..<5).map { TimedCommand(at: World.day($0), command: World.walked(9_000)) }
        let single = try commands.map { try engine.execute(player: one, at: $0.at, command: $0.command) }
        #expect(try engine.executeAll(player: other, commands: commands) == single)
        #expect(try one.toJson() == other.toJson())
        let later = commands.map { TimedCommand(at: $0.at.adding(seconds: 864_000), command: $0.command) }
        let bad = later + [TimedCommand(at: World.start, command: .advance)]
        #expect(await failure { try engine.executeAll(player: other, commands: bad) }?.code() == "TIME_BACKWARDS")
        #expect(try one.toJson() == other.toJson())
        let walk = try Requirement.fromJson(text: #"{"type":"numeric","metric":"steps","op":">=","value":8000}"#)
        let days: [Metrics] = [["steps": 6_000], ["steps": 8_000.5]]
        #expect(try walk.evaluateAll(metrics: days) == days.map { try walk.evaluate(metrics: $0) })
        let curve = try Curve.fromJson(text: #"{"family":"table","thresholds":[0,100],"step":100}"#)
        let levels: [Int32] = [-1, 0, 1, 2, 3, .max]
        #expect(try curve.thresholds(levels: levels) == levels.map { try curve.threshold(level: $0) })
        let stack = try ModifierStack.fromJson()
        let requests = [false, true].map {
            AwardRequest(baseXp: 100, source: .questCompletion, circumstances: AwardCircumstances(weekend: $0))
        }
        let awards = try requests.map { try stack.award(baseXp: $0.baseXp, source: $0.source, circumstances: $0.circumstances) }
        #expect(try stack.awardAll(requests: requests) == awards)
    }

    @Test func aPlayerTellsWhereItStandsAndItsCopyGoesItsOwnWay() throws {
        let player = try Player(id: "ida", timezone: "Europe/Berlin")
        #expect(try player.lastAt() == nil)
        _ = try engine.execute(player: player, at: World.start, command: World.walked(9_000))
        let copy = try player.copy()
        #expect(try copy.toJson() == player.toJson())
        _ = try engine.execute(player: copy, at: World.day(1), command: World.walked(9_000))
        #expect(try player.id() == "ida" && player.timezone() == "Europe/Berlin")
        #expect(try player.level() == 1 && player.totalXp() == 100 && player.currentStreak() == 0)
        #expect(try player.lastAt() == World.start && copy.lastAt() == World.day(1))
        #expect(try engine.ruleset().hash() == World.ruleset().hash())
        #expect(!levelkitVersion().isEmpty && timeZoneVersion().hasPrefix("20"))
    }

    @Test func aPlayerIsKeptAndReadAgainAndTheLedgerVerifies() throws {
        let player = try Player(id: "ida", timezone: "Europe/Berlin")
        var entries: [LedgerEntry] = []
        for n in 0..<3 {
            entries += try engine.execute(player: player, at: World.day(Int64(n)), command: World.walked(9_000)).entries
        }
        let again = try Player.fromJson(text: player.toJson())
        #expect(try engine.view(player: again, at: World.day(5)) == engine.view(player: player, at: World.day(5)))
        let found = try verifyLedger(entries: entries)
        #expect(found.failure == nil)
        let head = try player.head()
        #expect(found.head == head.hash)
        entries.swapAt(0, 1)
        #expect(try verifyLedger(entries: entries).failure?.index == 0)
    }

    @Test func aPreviewChangesNothing() throws {
        let player = try Player(id: "ida")
        let before = try player.toJson()
        let preview = try engine.preview(player: player, at: World.start, command: World.walked(9_000))
        #expect(try player.toJson() == before)
        #expect(try engine.execute(player: player, at: World.start, command: World.walked(9_000)).events == preview)
    }

    @Test func manyPlayersAtOnce() async throws {
        let store = try await World.store()
        _ = try await store.createPlayer(player: NewPlayer(id: "bo"))
        let done = try await store.reportMany(reports: [
            PlayerReport(player: "ida", at: World.start, metrics: ["steps": 9_000]),
            PlayerReport(player: "nobody", at: World.start, metrics: ["steps": 9_000]),
            PlayerReport(player: "bo", at: World.day(40), metrics: ["steps": 9_000], specials: ["party"]),
        ])
        #expect(done.accepted.map(\.index) == [0, 2])
        #expect(done.accepted.map(\.player) == ["ida", "bo"])
        #expect(
            done.refused == [RefusedReport(index: 1, player: "nobody", refusal: .unknownId(kind: .player, id: "nobody"))])
        #expect(done.failed.isEmpty)
        #expect(try await store.player(id: "ida").totalXp == 100)
        // Ida has sent nothing for 42 days, Bo for two.
        let rolled = try await store.rollOver(now: World.day(42), idleDays: 30)
        #expect(rolled == RollOver(advanced: ["bo"], refused: [], failed: [], more: false))
        #expect(try await store.rollOver(now: World.day(42)).advanced == ["ida"])
    }

    @Test func everyVerbOfTheStore() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let url = "sqlite:\(folder.path)/hunters.db"
        let store = try await Store.open(url: url)
        #expect(await failure { try await store.players() }?.code() == "NOT_MIGRATED")
        #expect(try await store.schemaVersion().found == 0)
        #expect(try await store.migrate().after == store.schemaVersion().known)
        #expect(await failure { try await store.ruleset() }?.code() == "NO_RULESET")
        let ruleset = try World.ruleset()
        #expect(try await store.importRuleset(ruleset: ruleset, at: World.start).changed)
        #expect(try await Ruleset.fromJson(text: store.exportRuleset()).hash() == ruleset.hash())
        #expect(try await store.ruleset().hash() == ruleset.hash())
        #expect(try await store.createPlayer(player: NewPlayer(id: "ida", name: "Ida")))
        #expect(try await !store.createPlayer(player: NewPlayer(id: "ida")))
        let preview = try await store.preview(player: "ida", at: World.start, command: World.walked(9_000))
        let done = try await store.executeAll(
            player: "ida", commands: [TimedCommand(at: World.start, command: World.walked(9_000))])
        #expect(done.map(\.events) == [preview])
        _ = try await store.execute(player: "ida", at: World.start, command: .joinSeason(season: "spring"))
        _ = try await store.execute(player: "ida", at: World.day(1), command: World.walked(9_000))
        let view = try await store.player(id: "ida")
        #expect(try await engine.view(player: store.state(id: "ida"), at: World.day(1)) == view)
        #expect(try await store.players(limit: 5).map(\.name) == ["Ida"])
        let story = try await store.timeline(id: "ida")
        #expect(try await store.timeline(id: "ida", from: World.day(1)).count < story.count)
        let page = try await store.ledger(id: "ida", limit: 1)
        #expect(page.entries.count == 1)
        #expect(try await store.ledger(id: "ida", after: page.next, limit: 1) != page)
        #expect(try await store.verify(id: "ida").verification.failure == nil)
        #expect(try await store.verifyAll().players == 1)
        #expect(try await store.leaderboard(season: "spring", at: World.day(1)).standings.map(\.rank) == [1])
        #expect(try await store.standing(season: "spring", player: "ida")?.player == "ida")
        #expect(try await store.refreshLeaderboard(season: "spring", now: World.day(1)).participants == 1)
        #expect(try await store.rollOver(now: World.day(3)).advanced == ["ida"])
        let unknown = await failure { try await store.execute(player: "bo", at: World.day(3), command: .advance) }
        #expect(unknown == .refused(refusal: .unknownId(kind: .player, id: "bo")))
        store.close()
        #expect(await failure { try await Store.open(url: "mysql://x") }?.code() == "INVALID_URL")
        let readOnly = try await Store.open(url: url, options: StoreOptions(readOnly: true))
        let refused = await failure { try await readOnly.execute(player: "ida", at: World.day(9), command: .advance) }
        #expect(refused?.code() == "STORE_READ_ONLY")
        let missing = await failure { try await Store.open(url: url + ".none", options: StoreOptions(create: false)) }
        #expect(missing?.code() == "STORE_MISSING")
        #expect(missing?.hint() == "check the path, or open it so that it may be made")
    }
}
