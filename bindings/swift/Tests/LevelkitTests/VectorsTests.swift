import Testing

/// Every conformance vector, in Swift.
@Suite struct VectorsTests {
    @Test func vectorsPassOnCore() async throws { try await run(Memory.self, "core") }
    @Test func vectorsPassOnSqlite() async throws { try await run(Stored.self, "sqlite") }

    private func run<Played: Target>(_: Played.Type, _ target: String) async throws {
        let tally = Tally()
        try Vectors.runPure(tally)
        try await Scenarios<Played>.run(tally)
        tally.report(target)
    }
}
