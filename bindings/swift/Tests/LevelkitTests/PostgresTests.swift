import Foundation
import Levelkit
import Testing

/// A store on a PostgreSQL server; `cargo xtask test` gives it an empty database.
private let url = ProcessInfo.processInfo.environment["LEVELKIT_POSTGRES"] ?? ""

@Suite(.enabled(if: !url.isEmpty, "there is no PostgreSQL"), .serialized)
struct PostgresTests {
    private let options = StoreOptions(connections: 4, clockTolerance: 0)

    @Test func aStoreOnAServerPlaysAsTheEngineDoesInMemory() async throws {
        let store = try await Store.open(url: url, options: options)
        #expect(try await store.migrate().after == store.schemaVersion().known)
        #expect(try await store.importRuleset(ruleset: World.ruleset(), at: World.start).changed)
        #expect(try await store.createPlayer(player: NewPlayer(id: "ida", name: "Ida")))
        let engine = try Engine(ruleset: World.ruleset())
        let player = try Player(id: "ida")
        for day in Int64(0)..<4 {
            let inMemory = try engine.execute(player: player, at: World.day(day), command: World.walked(9_000))
            let stored = try await store.execute(player: "ida", at: World.day(day), command: World.walked(9_000))
            #expect(stored.events == inMemory.events)
            #expect(stored.head == inMemory.head)
        }
        #expect(try await store.player(id: "ida") == engine.view(player: player, at: World.day(3)))
        #expect(try await store.verify(id: "ida").verification.failure == nil)
        #expect(try await store.ledger(id: "ida").entries.count == 4)
        let early = await failure { try await store.execute(player: "ida", at: World.start, command: .advance) }
        #expect(early?.code() == "TIME_BACKWARDS")

        // Several at once, over several connections.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for n in 0..<8 {
                group.addTask {
                    _ = try await store.createPlayer(player: NewPlayer(id: "player-\(n)"))
                    _ = try await store.execute(player: "player-\(n)", at: World.start, command: World.walked(9_000))
                }
            }
            try await group.waitForAll()
        }
        #expect(try await store.verifyAll().players == 9)
        store.close()

        // Whatever was answered is there for whoever opens it next.
        let again = try await Store.open(url: url, options: options)
        #expect(try await again.players(limit: 1).first?.name == "Ida")
        again.close()
    }

    @Test func aServerThatIsNotThereIsAnError() async throws {
        let nobody = await failure {
            let options = StoreOptions(connectTimeout: 2)
            let store = try await Store.open(url: "postgres://nobody@127.0.0.1:1/none", options: options)
            return try await store.players()
        }
        #expect(nobody?.code().hasPrefix("STORE_") == true)
    }
}
