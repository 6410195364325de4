import Foundation
import Levelkit
import Testing

/// What a store does beside commands: standings, the outbox, what it knows of a player.
@Suite struct StoreTests {
    /// Every language tries this case.
    let oneCase: Json
    let season: String
    let at: Instant

    init() throws {
        oneCase = try Json(reading: Vectors.root.appendingPathComponent("tests/standings/small.json"))
        season = try oneCase.need("season").text
        at = try instant(oneCase.need("at"))
    }

    @Test func aSealedSeasonLeavesTheSameFileInEveryLanguage() async throws {
        let store = try await played()
        let early = await failure { try await store.standings(season: season) }
        #expect(early?.code() == "SEASON_NOT_SEALED")
        #expect(early?.hint() == "refresh its leaderboard after its end")
        let end = try instant(oneCase.need("sealed_at"))
        #expect(try await store.refreshLeaderboard(season: season, now: end).sealed)
        let (text, sha256) = (try oneCase.need("text").text, try oneCase.need("sha256").text)
        let head = try Json(parsing: [UInt8](#require(text.split(separator: "\n").first).utf8))
        let participants = try head.need("participants").int64
        let standings = Standings(season: season, participants: participants, text: text, sha256: sha256, recorded: sha256)
        #expect(try await store.standings(season: season) == standings)
        #expect(await failure { try await store.standings(season: "none") }?.code() == "UNKNOWN_ID")
    }

    @Test func theStandingsAroundAPlayer() async throws {
        let store = try await played()
        let page = try #require(try await store.leaderboardAround(season: season, at: at, player: "ida", places: 1))
        let around = try oneCase.need("around").items
        #expect(try page.standings.map(\.rank) == around.map { try $0.need("rank").int64 })
        #expect(try page.standings.map(\.player) == around.map { try $0.need("player").text })
        let whole = try await store.leaderboard(season: season, at: at)
        #expect(try await store.leaderboardAround(season: season, at: at, player: "ida", places: 100) == whole)
        _ = try await store.createPlayer(player: NewPlayer(id: "late"))
        #expect(try await store.leaderboardAround(season: season, at: at, player: "late", places: 1) == nil)
        let unknown = await failure { try await store.leaderboardAround(season: "none", at: at, player: "ida", places: 1) }
        #expect(unknown?.code() == "UNKNOWN_ID")
    }

    @Test func whatCommandsBringIsHandedOutInOrderUntilItIsAcknowledged() async throws {
        let store = try await opened(StoreOptions(outbox: true))
        for id in ["p", "q"] { _ = try await store.createPlayer(player: NewPlayer(id: id)) }
        let first = try await store.execute(player: "p", at: day(0), command: World.walked(9_000))
        let second = try await store.execute(player: "p", at: day(1), command: World.walked(9_000))
        let entries = try await store.claimEvents(worker: "mailer", lease: 60)
        #expect(entries.map(\.events) == [first.events, second.events])
        #expect(entries.map(\.player) == ["p", "p"])
        #expect(entries.map(\.at) == [day(0), day(1)])
        #expect(entries.map(\.deliveries) == [1, 1])
        let ids = entries.map(\.id)
        #expect(ids == ids.sorted())
        // They are the mailer's, and whatever comes for that player.
        for id in ["p", "q"] { _ = try await store.execute(player: id, at: day(2), command: World.walked(9_000)) }
        #expect(try await store.claimEvents(worker: "other", limit: 100, lease: 60).map(\.player) == ["q"])
        #expect(try await store.acknowledge(ids: [ids[0]]) == 1)
        #expect(try await store.acknowledge(ids: ids) == 1)
        // What a worker lost comes back when its lease is over.
        #expect(try await store.claimEvents(worker: "lost", lease: 0.001).map(\.deliveries) == [1])
        try await Task.sleep(for: .milliseconds(50))
        #expect(try await store.claimEvents(worker: "mailer", lease: 60).map(\.deliveries) == [2])
        // No lease is shorter than none, nor longer than any.
        for lease: TimeInterval in [-1, -.infinity, .nan, .infinity] {
            #expect(try await store.claimEvents(worker: "mailer", limit: 0, lease: lease).isEmpty)
        }
        let without = try await opened()
        _ = try await without.createPlayer(player: NewPlayer(id: "p"))
        _ = try await without.execute(player: "p", at: at, command: World.walked(9_000))
        #expect(try await without.claimEvents(worker: "mailer", lease: 60).isEmpty)
    }

    @Test func aPlayerIsHandedOutAndErasedAndTheLedgerVerifies() async throws {
        let store = try await opened()
        let sung = NewPlayer(id: "p", timezone: "Europe/Berlin", email: "sung@x.org", name: "Sung")
        _ = try await store.createPlayer(player: sung)
        _ = try await store.execute(player: "p", at: at, command: World.walked(9_000))
        _ = try await store.execute(player: "p", at: at, command: .adjustXp(id: "gift", amount: 7, reason: "since she was ill"))
        let export = try await store.exportPlayer(id: "p")
        #expect(export.format == "levelkit.player/1")
        #expect(export.player == "p")
        let rows = Dictionary(uniqueKeysWithValues: export.tables.map { ($0.name, $0.rows) })
        let user = try #require(rows["users"]?.first)
        #expect(user["email"] == .text("sung@x.org"))
        #expect(user["total_xp"] == .whole(107))
        #expect(user["email_verified"] == .boolean(false))
        #expect(user["image"] == .null)
        #expect(rows["xp_events"]?.count == 2)
        #expect(rows["levelkit_players"]?.first?["seen_at"] == .text("2026-03-02T20:00:00.000000Z"))
        let done = try #require(rows["quest_logs"]?.first { $0["status"] == .text("COMPLETED") })
        guard case .object(let progress)? = done["progress"] else {
            Issue.record("\(done)")
            return
        }
        #expect(progress["metrics"] == .object(["steps": .number(9_000)]))
        // The file to hand out.
        let file = try Json(parsing: [UInt8](export.json().utf8))
        #expect(try file.need("format").text == "levelkit.player/1")
        #expect(try file.need("tables").items.count == export.tables.count)
        #expect(try await store.erasePlayer(id: "p", at: day(1)))
        #expect(try await !store.erasePlayer(id: "p", at: day(2)))
        let text = try await store.exportPlayer(id: "p").json()
        for known in ["Sung", "sung@x.org", "since she was ill"] { #expect(!text.contains(known)) }
        let found = try await store.verify(id: "p").verification
        #expect(found.events == 2)
        #expect(found.totalXp == 107)
        #expect(found.failure == nil)
        _ = try await store.execute(player: "p", at: day(3), command: World.walked(9_000))
        #expect(try await store.verify(id: "p").verification.failure == nil)
        #expect(await failure { try await store.exportPlayer(id: "nobody") }?.code() == "UNKNOWN_ID")
        #expect(await failure { try await store.erasePlayer(id: "nobody", at: at) }?.code() == "UNKNOWN_ID")
    }

    @Test func theTablesAreTakenAwayAgain() async throws {
        let store = try await opened()
        try await store.revert()
        #expect(try await store.schemaVersion().found == 0)
        #expect(await failure { try await store.players() }?.code() == "NOT_MIGRATED")
    }

    @Test func afterClosingTheseVerbsAreRefusedToo() async throws {
        let store = try await opened(StoreOptions(outbox: true))
        store.close()
        let calls: [() async throws -> Any?] = [
            { try await store.leaderboardAround(season: season, at: at, player: "p", places: 1) },
            { try await store.standings(season: season) },
            { try await store.claimEvents(worker: "w", lease: 1) },
            { try await store.acknowledge(ids: []) },
            { try await store.exportPlayer(id: "p") },
            { try await store.erasePlayer(id: "p", at: at) },
            { try await store.revert() },
        ]
        for call in calls { #expect(await failure(call)?.code() == "STORE_CLOSED") }
    }

    private func day(_ n: Int64) -> Instant { at.adding(seconds: n * 86_400) }

    private func opened(_ options: StoreOptions? = nil) async throws -> Store {
        let store = try await Store.open(url: "sqlite::memory:", options: options)
        _ = try await store.migrate()
        _ = try await store.importRuleset(ruleset: Ruleset.fromJson(text: oneCase.need("ruleset").raw), at: at)
        return store
    }

    private func played() async throws -> Store {
        let store = try await opened()
        var reports: [PlayerReport] = []
        for player in try oneCase.need("players").items {
            let id = try player.need("id").text
            _ = try await store.createPlayer(player: NewPlayer(id: id))
            reports.append(PlayerReport(player: id, at: at, metrics: ["steps": .number(Double(try player.need("steps").int64))]))
        }
        let done = try await store.reportMany(reports: reports)
        #expect(done.accepted.count == reports.count)
        return store
    }
}
