import Foundation
import Levelkit
import Testing

/// Every type that crosses, sent and received again: as it was, down to NaN and -0.
@Suite struct EchoTests {
    static let texts = ["", "a", "\u{0}", "Ünï ✓ \u{1F600} \u{FFFF}", String(repeating: "x", count: 100_000)]
    static let longs: [Int64] = [.min, -1, 0, 1, 9_007_199_254_740_993, .max]
    static let ints: [Int32] = [.min, -1, 0, 1, .max]
    static let doubles: [Double] = [0, 1.5, -1e300, 5e-324, .infinity, -.infinity]
    static let instants = [
        "0001-01-01T00:00:00.000000Z", "1582-10-15T12:00:00.500000Z", "1969-12-31T23:59:59.999999Z",
        "1970-01-01T00:00:00.000000Z", "2024-02-29T12:34:56.789012Z", "9999-12-31T23:59:59.999999Z",
    ]
    static let days = ["0001-01-01", "1969-12-31", "1970-01-01", "2024-02-29", "9999-12-31"]
    static let hash = String(repeating: "0123456789abcdef", count: 4)

    /// Sends a value and compares what comes back, by what Swift itself holds of both.
    private func same(_ sent: Echo, _ place: SourceLocation = #_sourceLocation) throws {
        let found = try echo(value: sent)
        #expect(found == sent, sourceLocation: place)
    }

    private func each<T>(_ values: [T], _ make: (T) -> Echo) throws {
        #expect(!values.isEmpty)
        for value in values { try same(make(value)) }
    }

    @Test func everyCaseOfEveryEnum() throws {
        try each(BossAttemptStatus.allCases) { .bossAttemptStatus(value: $0) }
        try each(BossDifficulty.allCases) { .bossDifficulty(value: $0) }
        try each(ConditionType.allCases) { .conditionType(value: $0) }
        try each(CountedEvent.allCases) { .countedEvent(value: $0) }
        try each(DungeonAttemptStatus.allCases) { .dungeonAttemptStatus(value: $0) }
        try each(DungeonDifficulty.allCases) { .dungeonDifficulty(value: $0) }
        try each(GrantSource.allCases) { .grantSource(value: $0) }
        try each(IdKind.allCases) { .idKind(value: $0) }
        try each(LedgerFault.allCases) { .ledgerFault(value: $0) }
        try each(Logic.allCases) { .logic(value: $0) }
        try each(MetricKind.allCases) { .metricKind(value: $0) }
        try each(ModifierType.allCases) { .modifierType(value: $0) }
        try each(NarrativeCategory.allCases) { .narrativeCategory(value: $0) }
        try each(Operator.allCases) { .operator(value: $0) }
        try each(PassiveType.allCases) { .passiveType(value: $0) }
        try each(QuestCategory.allCases) { .questCategory(value: $0) }
        try each(QuestStatus.allCases) { .questStatus(value: $0) }
        try each(QuestType.allCases) { .questType(value: $0) }
        try each(RequirementState.allCases) { .requirementState(value: $0) }
        try each(RulesetErrorCode.allCases) { .rulesetErrorCode(value: $0) }
        try each(SeasonStatus.allCases) { .seasonStatus(value: $0) }
        try each(Source.allCases) { .source(value: $0) }
        try each(SourcePolicy.allCases) { .sourcePolicy(value: $0) }
        try each(Stacking.allCases) { .stacking(value: $0) }
        try each(Stat.allCases) { .stat(value: $0) }
        try each(StreakKind.allCases) { .streakKind(value: $0) }
        try each([Synchronous.full, .normal]) { .synchronous(value: $0) }
        try each(TitleRarity.allCases) { .titleRarity(value: $0) }
    }

    @Test func quantities() throws {
        try each(Self.longs) { .xp(value: $0) }
        try each(Self.instants.map { try! Instant($0) }) { .instant(value: $0) }
        try each(Self.days.map { try! Day($0) }) { .day(value: $0) }
        try each(["0", "1", "1.1", "0.000001", "9223372036854.775807"].map { Decimal(string: $0)! }) { .multiplier(value: $0) }
        try same(.eventHash(value: Self.hash))
        for text in Self.instants { #expect(try Instant(text).description == text) }
        for text in Self.days { #expect(try Day(text).description == text) }
        let exact = try Instant("2026-03-01T09:00:00.123456Z")
        #expect(Instant(exact.date) == exact)
        #expect(try Day("2024-02-29").adding(days: 1).description == "2024-03-01")
    }

    @Test func numbersThatAreNoneAndSigns() throws {
        for number in Self.doubles + [-0.0, .nan] {
            guard case .metricValue(.number(let found)) = try echo(value: .metricValue(value: .number(number))) else {
                Issue.record("another case")
                return
            }
            #expect(found.bitPattern == number.bitPattern || (found.isNaN && number.isNaN))
        }
        try same(.metricValue(value: .boolean(true)))
        try same(.metrics(value: [:]))
        try same(.metrics(value: Dictionary(uniqueKeysWithValues: zip(Self.texts, [1, 2.5, true, false, -3]))))
    }

    @Test func commands() throws {
        let at = try Instant(Self.instants[5])
        let metrics: Metrics = ["steps": 9_000, "meditated": true]
        let day = try Day(Self.days[4])
        var commands: [Command] = [
            .report(metrics: [:]), .report(day: day, observedAt: at, metrics: metrics, specials: Self.texts), .advance,
            .abandonBoss, .forfeitDungeon, .reportDungeon(observedAt: nil, metrics: metrics),
            .reportDungeon(observedAt: at, metrics: [:]), .equipTitle(title: nil),
        ]
        for text in Self.texts {
            commands += [
                .startBoss(boss: text), .enterDungeon(dungeon: text), .equipTitle(title: text), .setTimezone(timezone: text),
                .joinSeason(season: text), .adjustXp(id: text, amount: .min, reason: text),
                .grantXp(id: text, source: .titleBonus, amount: .max, sourceId: nil, reason: text),
                .grantXp(id: text, source: .seasonBonus, amount: 1, sourceId: text, reason: ""),
            ]
        }
        try each(commands) { .command(value: $0) }
    }

    private func steps() -> [Step] {
        ModifierType.allCases.enumerated().map {
            Step(order: Int32($0), modifier: $1, multiplier: Decimal(string: "1.15")!, reason: "", xpBefore: .min, xpAfter: .max)
        }
    }

    private func events() throws -> [Event] {
        let (day, until, text) = (try Day(Self.days[0]), try Instant(Self.instants[0]), Self.texts[3])
        return [
            .dayOpened(day: day, coreTotal: .max), .questCompleted(quest: text, day: day), .questFailed(quest: "", day: day),
            .questExpired(quest: text, day: day), .partialReward(quest: text, day: day, xp: .min),
            .xpAwarded(source: .bossDefeat, baseXp: .min, finalXp: .max, totalXpBefore: .min, totalXpAfter: .max, steps: steps()),
            .xpAwarded(source: .manualAdjustment, baseXp: 0, finalXp: 0, totalXpBefore: 0, totalXpAfter: 0, steps: []),
            .levelUp(levelBefore: 1, levelAfter: .max), .levelDown(levelBefore: .max, levelAfter: 1),
            .statRaised(stat: .disc, value: .min),
            .dayClosed(day: day, coreCompleted: 1, coreTotal: 2, missed: 3, allCompleted: true, debuffTriggered: false),
            .streakExtended(currentStreak: 1), .streakBroken(previousStreak: 2), .debuffStarted(until: until),
            .titleEarned(title: text), .titleRevoked(title: text), .titleEquipped(title: nil), .titleEquipped(title: text),
            .bossStarted(boss: text, phase: 1), .bossPhaseCleared(boss: text, phase: 2), .bossPhaseRestarted(boss: text, phase: 3),
            .bossVictory(boss: text, phase: 4), .bossLost(boss: text, phase: 5), .bossAbandoned(boss: text, phase: 6),
            .dungeonEntered(dungeon: text), .dungeonCleared(dungeon: text), .dungeonFailed(dungeon: text),
            .dungeonTimedOut(dungeon: text), .seasonJoined(season: text),
        ]
    }

    @Test func eventsRefusalsAndFaults() throws {
        try each(steps()) { .step(value: $0) }
        try each(events()) { .event(value: $0) }
        let (at, day, text) = (try Instant(Self.instants[5]), try Day(Self.days[4]), Self.texts[3])
        let refusals: [Refusal] = [
            .timeBackwards(at: at, lastAt: at), .invalidInstant(observedAt: at, earliest: at, latest: at),
            .invalidDay(day: day, firstDay: day, openDay: day), .dayClosed(day: day),
            .invalidMetric(metric: text, expected: text), .metricKind(metric: text, expected: .boolean),
            .invalidText(field: "\u{0}"), .outOfRange(field: text, expected: ""), .invalidTimezone(timezone: ""),
            .xpOverflow(quantity: text), .unknownId(kind: .ruleset, id: text), .idConflict(id: text),
            .levelTooLow(needed: .max, level: .min), .requirementNotMet(dungeon: text, fraction: 0.99),
            .seasonInactive(season: text), .bossInProgress(boss: text), .bossNotInProgress, .dungeonInProgress(dungeon: text),
            .dungeonNotInProgress, .dungeonCooldown(dungeon: text, until: at), .titleNotHeld(title: text),
        ]
        try each(refusals) { .refusal(value: $0) }
        for refusal in refusals { #expect(refusal.code() == refusal.code().uppercased() && !refusal.code().isEmpty) }
        let narratives: [NarrativeError] = [
            .unknownKey(key: text), .unknownVariable(key: text, variable: ""), .missingVariable(key: "", variable: text),
        ]
        try each(narratives) { .narrativeError(value: $0) }
        try same(.rulesetError(value: RulesetError(path: text, code: .outOfRange, message: "", line: .max, column: 0)))
        try same(.told(value: Told(key: text, text: text)))
    }

    private func explanations() -> [Explanation] {
        let leaves: [Explanation] = [
            .numeric(metric: "m", op: .notEqual, target: -1e300, value: nil, distance: nil, state: .unknown, fraction: 0),
            .numeric(metric: "", op: .atLeast, target: 5e-324, value: 1, distance: 0, state: .met, fraction: 1),
            .boolean(metric: "b", target: true, value: false, state: .notMet, fraction: 0),
            .between(metric: "r", min: 0, max: 1, value: 2, distance: 1, state: .notMet, fraction: 0.5),
        ]
        let deep = (0..<60).reduce(leaves[0]) { part, _ in .not(part: part, state: .unknown, fraction: 0) }
        return leaves + [
            deep, .compound(logic: .or, parts: leaves + [deep], state: .met, fraction: 1),
            .compound(logic: .and, parts: [], state: .met, fraction: 1),
        ]
    }

    @Test func views() throws {
        let (at, day) = (try Instant(Self.instants[4]), try Day(Self.days[3]))
        try each(explanations()) { .explanation(value: $0) }
        try same(.requirementOutcome(value: RequirementOutcome(state: .unknown, fraction: 0)))
        let award = AwardView(baseXp: .min, finalXp: .max, steps: steps())
        let missing = Missing(metric: "m", op: .below, target: nil, value: 1, distance: nil, by: day)
        let quest = QuestView(
            quest: "q", name: "", kind: .weekly, day: day, isCore: true, status: .active, explanation: explanations()[5],
            missing: [missing], award: award, xpAwarded: nil)
        let leaf = ConditionView(
            kind: .special, subject: nil, met: false, progress: .min, target: .max, remaining: 0, by: day, parts: [])
        let condition = ConditionView(
            kind: .compound, subject: "s", met: true, progress: 0, target: 1, remaining: 1, by: nil, parts: [leaf, leaf])
        let title = TitleView(
            title: "t", name: "", rarity: .epic, held: true, active: false, earnedAt: at, revokedAt: nil, condition: condition,
            misses: Misses(found: .min, limit: .max))
        let boss = BossView(
            boss: "b", name: "", status: .inProgress, phase: 1, phases: 2, day: 3, days: 4, retries: 5,
            explanation: explanations()[0], missing: [], award: nil)
        let challenge = ChallengeView(name: "c", explanation: explanations()[1], missing: [missing])
        let dungeon = DungeonView(
            dungeon: "d", name: "", status: .timedOut, deadline: at, challenges: [challenge], award: award)
        let season = SeasonView(season: "s", name: "", status: .ended, endsAt: at, joined: true, seasonXp: .max)
        let full = PlayerView(
            player: "p", timezone: "UTC", level: 1, totalXp: .max, levelBeganAt: 0, nextLevelAt: nil, currentStreak: 1,
            longestStreak: 2, perfectStreak: 3, debuffedUntil: at, str: 10, agi: .min, vit: .max, disc: 0, activeTitle: "t",
            firstDay: day, openDay: nil, dayEndsAt: at, quests: [quest], titles: [title], boss: boss, dungeon: dungeon,
            seasons: [season])
        let bare = PlayerView(
            player: "", timezone: "", level: 1, totalXp: 0, levelBeganAt: 0, nextLevelAt: .min, currentStreak: 0,
            longestStreak: 0, perfectStreak: 0, debuffedUntil: nil, str: 0, agi: 0, vit: 0, disc: 0, activeTitle: nil,
            firstDay: nil, openDay: day, dayEndsAt: nil, quests: [], titles: [], boss: nil, dungeon: nil, seasons: [])
        try each([
            .awardView(value: award), .missing(value: missing), .questView(value: quest), .conditionView(value: condition),
            .titleView(value: title), .misses(value: Misses(found: 0, limit: 0)), .bossView(value: boss),
            .challengeView(value: challenge), .dungeonView(value: dungeon), .seasonView(value: season),
            .playerView(value: full), .playerView(value: bare),
        ]) { $0 }
    }

    @Test func ledgersAndStores() throws {
        let at = try Instant(Self.instants[5])
        let event = XpEvent(
            id: "e", userId: "", eventSource: .dungeonClear, sourceId: nil, baseXp: .min, finalXp: .max, totalXpBefore: .min,
            totalXpAfter: .max, levelBefore: 1, levelAfter: .max, createdAt: at, eventHash: Self.hash)
        let modifier = XpModifier(
            id: "", order: .max, modifier: .debuffPenalty, multiplier: Decimal(string: "0.9")!, reason: "", xpBefore: 1, xpAfter: 0)
        let entry = LedgerEntry(event: event, modifiers: [modifier])
        let failure = LedgerFailure(index: .max, eventId: nil, createdAt: at, kind: .sum, expected: "", found: "x")
        let verification = Verification(
            events: .max, head: Self.hash, totalXp: .min, unsealed: Unsealed(count: .max, sum: .min), failure: failure)
        let sound = Verification(events: 0, head: Self.hash, totalXp: 0, unsealed: nil, failure: nil)
        let verified = PlayerVerification(player: "p", verification: verification)
        let head = LedgerHead(events: .max, hash: Self.hash, createdAt: at)
        let standing = Standing(rank: .max, player: "p", name: nil, seasonXp: .min)
        let refused = RefusedPlayer(player: "p", refusal: .bossNotInProgress)
        let failed = FailedPlayer(player: "p", code: "STORE_CORRUPT", message: "")
        let accepted = AcceptedReport(index: .max, player: "p", outcome: Outcome(events: try events(), head: head))
        let refusedReport = RefusedReport(index: 0, player: "", refusal: .bossNotInProgress)
        let failedReport = FailedReport(index: 1, player: "p", code: "", message: "m")
        try each([
            .xpEvent(value: event), .xpModifier(value: modifier), .ledgerEntry(value: entry),
            .ledgerPage(value: LedgerPage(entries: [entry], next: at)), .ledgerPage(value: LedgerPage(entries: [], next: nil)),
            .ledgerFailure(value: failure), .unsealed(value: Unsealed(count: 0, sum: 0)), .verification(value: verification),
            .verification(value: sound), .playerVerification(value: verified), .ledgerHead(value: head),
            .verificationSummary(value: VerificationSummary(players: .max, events: 0, failures: [verified])),
            .head(value: Head(totalXp: .min, level: nil, events: .max, hash: Self.hash)),
            .head(value: Head(totalXp: nil, level: .max, events: nil, hash: nil)),
            .migrated(value: Migrated(before: 0, after: .max, applied: Self.texts)),
            .schemaVersion(value: SchemaVersion(found: .min, known: .max)),
            .imported(value: Imported(hash: Self.hash, changed: true)),
            .newPlayer(value: NewPlayer(id: "p")), .newPlayer(value: NewPlayer(id: "", timezone: "UTC", email: "", name: "n")),
            .outcome(value: Outcome(events: try events(), head: head)),
            .playerSummary(
                value: PlayerSummary(id: "p", name: nil, level: 1, totalXp: .max, currentStreak: .min, lastAt: at)),
            .timelineEntry(value: TimelineEntry(at: at, event: try events()[5])),
            .rollOver(value: RollOver(advanced: Self.texts, refused: [refused], failed: [failed], more: true)),
            .refusedPlayer(value: refused), .failedPlayer(value: failed),
            .playerReport(value: PlayerReport(player: "p", at: at, metrics: ["a": .number(-0.0)])),
            .playerReport(
                value: PlayerReport(
                    player: "", at: at, day: try Day("2024-02-29"), observedAt: at, metrics: ["": .boolean(true)], specials: Self.texts)),
            .acceptedReport(value: accepted), .refusedReport(value: refusedReport), .failedReport(value: failedReport),
            .reported(value: Reported(accepted: [accepted], refused: [refusedReport], failed: [failedReport])),
            .standing(value: standing),
            .leaderboardPage(
                value: LeaderboardPage(season: "s", status: .active, sealed: true, participants: .max, standings: [standing])),
            .refreshed(value: Refreshed(participants: .min, changed: .max, sealed: false)),
            .standings(value: Standings(season: "s", participants: .max, text: Self.texts[0], sha256: Self.hash, recorded: nil)),
            .standings(value: Standings(season: "", participants: 0, text: "\n", sha256: Self.hash, recorded: Self.hash)),
            .outboxEntry(value: OutboxEntry(id: .min, player: "p", at: at, events: try events(), deliveries: .max)),
        ]) { $0 }
    }

    @Test func exports() throws {
        let texts = Self.texts.map { ExportedValue.text($0) }
        let numbers: [ExportedValue] = [.whole(.min), .whole(.max), .number(-0.0), .number(.infinity), .number(.leastNonzeroMagnitude)]
        let inner: ExportedValue = .object(["": .null, "__proto__": .boolean(true), "\u{0}": .items([])])
        let row: ExportedRow = ["total_xp": .items(numbers), "a": .items(texts), "b": .object(["c": .items([inner, .object([:])])])]
        let table = ExportedTable(name: "users", rows: [row, [:]])
        try each([
            .exportedRow(value: row), .exportedRow(value: [:]), .exportedTable(value: table),
            .playerExport(value: PlayerExport(format: "levelkit.player/1", player: "p", tables: [table, table])),
        ]) { $0 }
        try each(numbers + texts + [inner, .null, .boolean(false)]) { .exportedValue(value: $0) }
    }
}
