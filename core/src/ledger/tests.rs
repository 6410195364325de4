use proptest::prelude::*;
use sha2::{Digest as _, Sha256};

use super::*;
use crate::api::{Instant, ModifierType, Multiplier, PassiveType, Source};
use crate::modifier::{Award, AwardContext, CompiledPassive, ModifierStack, Reason, TitleBonus};

type Ledger = Vec<(XpEvent, Vec<XpModifier>)>;

fn instant(micros: i64) -> Instant {
    Instant::from_micros(micros).unwrap()
}

fn context() -> AwardContext<'static> {
    let passive = CompiledPassive::new(PassiveType::FlatXpBonus, 5.0).unwrap();
    AwardContext {
        current_streak: 14,
        weekend: true,
        season: Some(("s1", "1.2".parse().unwrap())),
        title: Some(TitleBonus { id: "iron-will", passive }),
        dungeon: None,
        debuffed: true,
    }
}

/// Seals awards of these amounts as a player's ledger.
fn ledger(amounts: &[i32]) -> Ledger {
    let (mut head, mut total) = (EventHash::ZERO, 0);
    let mut ledger = Ledger::new();
    for (i, &base_xp) in amounts.iter().enumerate() {
        let award: Award<'_> = ModifierStack::default().apply(base_xp, Source::QuestCompletion, &context()).unwrap();
        let id = format!("e{i}");
        let fields = EventFields {
            id: &id,
            user_id: "p1",
            event_source: Source::QuestCompletion,
            source_id: (i % 2 == 0).then_some("q1"),
            base_xp,
            final_xp: award.final_xp,
            total_xp_before: total,
            total_xp_after: total + i64::from(award.final_xp),
            level_before: 1,
            level_after: 2,
            created_at: instant(1_000 + i as i64),
        };
        head = hash_event(head, &fields, award.steps());
        total = fields.total_xp_after;
        let modifiers = (0..).zip(award.steps()).map(|(order, step)| XpModifier::new(&id, order, step)).collect();
        ledger.push((fields.to_row(head), modifiers));
    }
    ledger
}

fn heads(ledger: &Ledger) -> [Head; 2] {
    let last = &ledger.last().unwrap().0;
    [Head::of_player(last.total_xp_after, last.level_after), Head::of_record(ledger.len() as u64, last.event_hash)]
}

#[test]
fn a_hash_covers_the_documented_bytes() {
    let fields = EventFields {
        id: "é",
        user_id: "p1",
        event_source: Source::DungeonClear,
        source_id: Some(""),
        base_xp: -1,
        final_xp: 2,
        total_xp_before: 3,
        total_xp_after: i64::MAX,
        level_before: 5,
        level_after: 6,
        created_at: instant(-7),
    };
    let step = XpModifier {
        id: "not hashed".to_owned(),
        order: 0,
        modifier: ModifierType::WeekendBonus,
        multiplier: "1.1".parse().unwrap(),
        reason: "weekend".to_owned(),
        xp_before: 8,
        xp_after: 9,
    };
    let mut bytes = b"levelkit.xp.v1".to_vec();
    bytes.extend([0xab; 32]);
    let string = |bytes: &mut Vec<u8>, text: &str| {
        bytes.extend((text.len() as u32).to_be_bytes());
        bytes.extend(text.as_bytes());
    };
    ["é", "p1", "DUNGEON_CLEAR"].iter().for_each(|text| string(&mut bytes, text));
    bytes.push(1);
    string(&mut bytes, "");
    [-1, 2, 3, i64::MAX, 5, 6, -7].iter().for_each(|n: &i64| bytes.extend(n.to_be_bytes()));
    bytes.extend(1_u32.to_be_bytes());
    bytes.extend(0_i64.to_be_bytes());
    string(&mut bytes, "WEEKEND_BONUS");
    bytes.extend(1_100_000_i64.to_be_bytes());
    string(&mut bytes, "weekend");
    bytes.extend(8_i64.to_be_bytes());
    bytes.extend(9_i64.to_be_bytes());
    let expected = EventHash(Sha256::digest(&bytes).into());
    assert_eq!(hash_event(EventHash([0xab; 32]), &fields, &[step]), expected);
    assert_eq!(expected.to_string().parse(), Ok(expected));
}

#[test]
fn every_reason_is_hashed_as_it_is_shown() {
    let reasons = [
        Reason::StreakDays(14),
        Reason::StreakDays(i32::MIN),
        Reason::Weekend,
        Reason::Season("é"),
        Reason::Title(""),
        Reason::Dungeon("d"),
        Reason::Debuff,
    ];
    let event = ledger(&[1]).remove(0).0;
    for reason in reasons {
        let award = crate::modifier::AwardStep {
            modifier: ModifierType::TitlePassive,
            multiplier: Multiplier::ONE,
            reason,
            xp_before: 1,
            xp_after: 2,
        };
        let row = XpModifier::new("e0", 0, &award);
        let hash = |steps: &[XpModifier]| hash_event(EventHash::ZERO, &event.fields(), steps);
        assert_eq!(hash_event(EventHash::ZERO, &event.fields(), &[award]), hash(&[row]), "{reason}");
    }
}

#[test]
fn a_sound_ledger_verifies() {
    let ledger = ledger(&[100, 0, 250, 7]);
    let found = verify(&ledger, &heads(&ledger));
    assert!(found.is_sound(), "{found:?}");
    let last = &ledger[3].0;
    assert_eq!((found.events, found.head, found.total_xp), (4, last.event_hash, last.total_xp_after));
    assert_eq!(found.unsealed, None);
    assert!(verify(&[], &[Head::of_player(0, 1)]).is_sound());
}

/// Damage to a ledger, where it is found first, and as what.
type Damage = (&'static str, fn(&mut Ledger), u64, LedgerFault);

fn add_a_step(modifiers: &mut Vec<XpModifier>) {
    let last = modifiers.last().unwrap().clone();
    modifiers.push(XpModifier { order: last.order + 1, xp_before: last.xp_after, ..last });
}

#[test]
fn the_first_fault_is_named() {
    use LedgerFault::{Hash, Head, Order, Sum};
    let damages: &[Damage] = &[
        ("the same instant twice", |l| l[2].0.created_at = l[1].0.created_at, 2, Order),
        ("order before sum", |l| (l[2].0.created_at, l[2].0.final_xp) = (instant(0), 1), 2, Order),
        ("a later instant", |l| l[3].0.created_at = instant(9_999), 3, Hash),
        ("another final_xp", |l| l[1].0.final_xp += 1, 1, Sum),
        ("both totals", |l| (l[1].0.final_xp, l[1].0.total_xp_after) = (1, l[1].0.total_xp_before + 1), 1, Hash),
        ("total before", |l| l[2].0.total_xp_before += 1, 2, Sum),
        ("total at the edge", |l| l[3].0.total_xp_before = i64::MAX, 3, Sum),
        ("base_xp", |l| l[0].0.base_xp += 1, 0, Hash),
        ("level", |l| l[2].0.level_after += 1, 2, Hash),
        ("player", |l| l[2].0.user_id.push('x'), 2, Hash),
        ("source", |l| l[2].0.event_source = Source::BossDefeat, 2, Hash),
        ("null for empty", |l| l[1].0.source_id = Some(String::new()), 1, Hash),
        ("the hash itself", |l| l[2].0.event_hash.0[31] ^= 1, 2, Hash),
        ("a missing event", |l| drop(l.remove(1)), 1, Sum),
        ("a missing first event", |l| drop(l.remove(0)), 0, Sum),
        ("a missing last event", |l| drop(l.pop()), 3, Head),
        ("swapped events", |l| l.swap(1, 2), 1, Sum),
        ("a missing last modifier", |l| drop(l[2].1.pop()), 2, Hash),
        ("a missing first modifier", |l| drop(l[2].1.remove(0)), 2, Sum),
        ("no modifiers", |l| l[2].1.clear(), 2, Hash),
        ("an extra modifier", |l| l[2].1.extend_from_within(..1), 2, Sum),
        ("an extra modifier that fits", |l| add_a_step(&mut l[2].1), 2, Hash),
        ("modifier order", |l| l[1].1.swap(0, 1), 1, Sum),
        ("modifier chain", |l| l[1].1[1].xp_before += 1, 1, Sum),
        ("modifier result", |l| l[1].1.last_mut().unwrap().xp_after += 1, 1, Hash),
        ("modifier type", |l| l[1].1[0].modifier = ModifierType::WeekendBonus, 1, Hash),
        ("multiplier", |l| l[1].1[1].multiplier = Multiplier::ONE, 1, Hash),
        ("reason", |l| l[1].1[1].reason.push('s'), 1, Hash),
    ];
    for (name, damage, index, kind) in damages {
        let sound = ledger(&[100, 0, 250, 7]);
        let mut damaged = sound.clone();
        damage(&mut damaged);
        let found = verify(&damaged, &heads(&sound));
        let failure = found.failure.expect(name);
        assert_eq!((failure.index, failure.kind, found.events), (*index, *kind, *index), "{name}: {failure:?}");
        let at_fault = damaged.get(*index as usize).filter(|_| *kind != Head).map(|(event, _)| event.id.clone());
        assert_eq!(failure.event_id, at_fault, "{name}");
    }
    let mut renamed = ledger(&[100]);
    renamed[0].1[0].id = "a host's own".to_owned();
    assert!(verify(&renamed, &heads(&renamed)).is_sound(), "a modifier's id is not sealed");
}

#[test]
fn failures_say_what_was_expected() {
    let sound = ledger(&[100, 7]);
    let mut damaged = sound.clone();
    damaged[1].0.total_xp_before = 1;
    let failure = verify(&damaged, &[]).failure.unwrap();
    assert_eq!((failure.expected.as_str(), failure.found.as_str()), ("total_xp_before 142", "1"));
    let text = serde_json::to_value(&failure).unwrap();
    assert_eq!(text["kind"], "SUM");
    assert_eq!(text["created_at"], "1970-01-01T00:00:00.001001Z");

    let remembered: [(Head, &str); 4] = [
        (Head::of_player(1, 2), "total_xp 1"),
        (Head::of_player(156, 7), "level 7"),
        (Head::of_record(3, sound[1].0.event_hash), "number of events 3"),
        (Head::of_record(2, EventHash::ZERO), &format!("last event_hash {}", EventHash::ZERO)),
    ];
    for (head, expected) in remembered {
        let failure = verify(&sound, &[Head::default(), head]).failure.unwrap();
        assert_eq!((failure.kind, failure.index, failure.expected.as_str()), (LedgerFault::Head, 2, expected));
    }
}

#[test]
fn rows_from_before_adoption_are_counted() {
    let mut verifier = Verifier::adopted(1_000, 4);
    verifier.unsealed(900);
    verifier.unsealed(-50);
    let fields = EventFields { total_xp_before: 1_000, total_xp_after: 1_100, ..plain_fields() };
    let hash = hash_event::<XpModifier>(EventHash::ZERO, &fields, &[]);
    verifier.event(&fields.to_row(hash), &[]);
    let found = verifier.finish(&[Head::of_player(1_100, 1), Head::of_record(1, hash)]);
    assert!(found.is_sound(), "{found:?}");
    assert_eq!(found.unsealed, Some(Unsealed { count: 2, sum: 850 }));
    assert!(Verifier::adopted(1_000, 4).finish(&[Head::of_player(1_000, 4)]).is_sound());
}

#[test]
fn columns_that_hold_anything_are_a_hash_fault() {
    let fields = plain_fields();
    let hash = hash_event::<XpModifier>(EventHash::ZERO, &fields, &[]);
    for (text, sound) in [
        (hash.to_string(), true),
        (hash.to_string().to_uppercase(), false),
        (String::new(), false),
        ("é".repeat(32), false),
    ] {
        let mut verifier = Verifier::new();
        verifier.event_with_hash_text(&fields, &[], &text);
        assert_eq!(verifier.finish(&[]).is_sound(), sound, "{text}");
    }
    let mut verifier = Verifier::new();
    verifier.unreadable("e1", None, "multiplier NaN");
    verifier.event_with_hash_text(&fields, &[], &hash.to_string());
    let found = verifier.finish(&[Head::of_record(1, hash)]);
    assert_eq!((found.events, found.failure.unwrap().kind), (0, LedgerFault::Hash));
}

fn plain_fields() -> EventFields<'static> {
    EventFields {
        id: "e1",
        user_id: "p1",
        event_source: Source::ManualAdjustment,
        source_id: None,
        base_xp: 100,
        final_xp: 100,
        total_xp_before: 0,
        total_xp_after: 100,
        level_before: 1,
        level_after: 1,
        created_at: instant(0),
    }
}

#[test]
fn rows_have_their_columns_names() {
    let fields = EventFields { total_xp_before: i64::MAX - 100, total_xp_after: i64::MAX, ..plain_fields() };
    let row = fields.to_row(EventHash::ZERO);
    let json = serde_json::to_value(&row).unwrap();
    let zeros = "0".repeat(64);
    let expected = serde_json::json!({
        "id": "e1", "user_id": "p1", "event_source": "MANUAL_ADJUSTMENT", "source_id": null, "base_xp": 100,
        "final_xp": 100, "total_xp_before": "9223372036854775707", "total_xp_after": "9223372036854775807",
        "level_before": 1, "level_after": 1, "created_at": "1970-01-01T00:00:00.000000Z", "event_hash": zeros,
    });
    assert_eq!(json, expected);
    assert_eq!(serde_json::from_value::<XpEvent>(json).unwrap(), row);
    let modifier = ledger(&[100]).remove(0).1.remove(1);
    let json = serde_json::to_value(&modifier).unwrap();
    assert_eq!((&json["type"], &json["multiplier"]), (&"STREAK_BONUS".into(), &"1.15".into()));
    assert_eq!(serde_json::from_value::<XpModifier>(json).unwrap(), modifier);
}

proptest! {
    /// Whatever byte of whatever sealed field changes, the chain breaks there or before.
    #[test]
    fn no_change_goes_unseen(
        amounts in proptest::collection::vec(0..1_000_i32, 1..6),
        (at, field) in (any::<prop::sample::Index>(), 0..10_usize),
        by in 1..1_000_i32,
    ) {
        let sound = ledger(&amounts);
        let mut damaged = sound.clone();
        let at = at.index(damaged.len());
        let (event, modifiers) = &mut damaged[at];
        match field {
            0 => event.id.push('x'),
            1 => event.base_xp += by,
            2 => event.final_xp += by,
            3 => event.total_xp_before += i64::from(by),
            4 => event.total_xp_after += i64::from(by),
            5 => event.level_before += by,
            6 => event.created_at = event.created_at.plus_micros(by.into()),
            7 => event.event_hash.0[by as usize % 32] ^= 1,
            8 => modifiers[by as usize % 3].xp_after += by,
            _ => modifiers[by as usize % 3].reason.push(' '),
        }
        let failure = verify(&damaged, &heads(&sound)).failure.unwrap();
        prop_assert_eq!(failure.index, at as u64);
        prop_assert!(verify(&sound, &heads(&sound)).is_sound());
    }
}
