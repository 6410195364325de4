//! The modifier stack: what turns base XP into final XP (the rules, section 4).
