package products

import (
	"slices"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
)

// premium reads how the premium is computed and held against the declared one.
func (d *definition) premium(f *file) read {
	t := &d.terms
	return func(n *node) {
		f.mapping(n,
			key{"rate", false, d.ownRate(f)},
			key{"rate_bounds", false, f.rates(&t.RateBounds)},
			key{"round", false, choice(f, &t.Rounding, roundings()...)},
			key{"minimum", false, f.amount(&t.Minimum)},
			key{"steps", false, d.readSteps(f)},
			key{"declared", false, d.declared(f)},
		)
		if d.rate.Sign() > 0 && (d.rate.Less(t.RateBounds.Min) || t.RateBounds.Max.Less(d.rate)) {
			f.refuse(n.child("rate"), codeRate, policy.Text{ZH: "费率不在 rate_bounds 之内", EN: "the rate lies outside rate_bounds"}, policy.Text{})
		}
	}
}

func roundings() []option[money.Rounding] {
	var all []option[money.Rounding]
	for _, r := range []money.Rounding{money.HalfUp, money.HalfEven, money.Down, money.Up} {
		all = append(all, option[money.Rounding]{r.String(), r})
	}
	return all
}

// graded reads a check: in short its level alone, or a mapping with the level
// and more.
func (f *file) graded(level read, more ...key) read {
	return func(n *node) {
		if n.kind != mapping {
			level(n)
			return
		}
		f.mapping(n, append([]key{{"level", false, level}}, more...)...)
	}
}

// declaredLevels are how seriously a declared sum is taken.
func declaredLevels() []option[policy.Level] {
	return []option[policy.Level]{{"equal", policy.Refuse}, {"note", policy.Observe}, {"ignore", policy.Off}}
}

// checkLevels are how seriously a check is taken.
func checkLevels() []option[policy.Level] {
	return []option[policy.Level]{{"off", policy.Off}, {"note", policy.Observe}, {"refuse", policy.Refuse}}
}

// waysToCNY are the ways to the premium in CNY.
func waysToCNY() []option[policy.Method] {
	var all []option[policy.Method]
	for _, m := range []policy.Method{policy.MethodA, policy.MethodB, policy.MethodC, policy.MethodAny} {
		all = append(all, option[policy.Method]{m.String(), m})
	}
	return all
}

// licenceChecks are how a licence number is checked in short, licenceDepths how
// beside a level.
func licenceChecks() []option[policy.Number] {
	return []option[policy.Number]{
		{"off", policy.Number{}},
		{"shape", policy.Number{Level: policy.Refuse}},
		{"checksum", policy.Number{Level: policy.Refuse, Checksum: true}},
	}
}

func licenceDepths() []option[bool] { return []option[bool]{{"shape", false}, {"checksum", true}} }

// declared reads how the sums that a request declares are checked.
func (d *definition) declared(f *file) read {
	of := &d.terms.Declared
	level := func(into *policy.Level) read {
		return choice(f, into, declaredLevels()...)
	}
	sum := func(into *policy.Sum) read {
		return f.graded(level(&into.Level), key{"within", false, f.amount(&into.Within)})
	}
	return func(n *node) {
		f.mapping(n,
			key{"premiumRate", false, f.graded(level(&of.PremiumRate))},
			key{"premium", false, sum(&of.Premium)},
			key{"premiumOfCny", false, d.premiumOfCny(f, level)},
			key{"amountOfCny", false, sum(&of.AmountOfCny)},
		)
	}
}

// premiumOfCny reads which ways to the premium in CNY are accepted: in short
// the way, or how seriously the sum is taken.
func (d *definition) premiumOfCny(f *file, level func(*policy.Level) read) read {
	of := &d.terms.Declared
	return func(n *node) {
		if n.kind == mapping {
			f.mapping(n,
				key{"level", false, level(&of.PremiumOfCny.Level)},
				key{"method", false, choice(f, &of.Method, waysToCNY()...)},
				key{"within", false, f.amount(&of.PremiumOfCny.Within)},
			)
			return
		}
		if slices.Contains(wordsFor(declaredLevels()), n.value()) {
			level(&of.PremiumOfCny.Level)(n)
			return
		}
		choice(f, &of.Method, waysToCNY()...)(n)
	}
}

// checks reads the checks that a product may switch.
func (d *definition) checks(f *file) read {
	of := &d.terms.Checks
	level := func(into *policy.Level) read {
		return choice(f, into, checkLevels()...)
	}
	number := func(into *policy.Number) read { return f.licence(into, level(&into.Level)) }
	return func(n *node) {
		f.mapping(n,
			key{"period", false, f.graded(level(&of.Period), key{"within", false, f.days(&of.PeriodWithin)})},
			key{"backdating", false, f.graded(level(&of.Backdating), key{"within", false, f.span(&of.Behind)}, key{"ahead", false, f.span(&of.Ahead)})},
			key{"order_amount", false, f.graded(level(&of.OrderAmount))},
			key{"identity_card", false, number(&of.IdentityCard)},
			key{"company_license", false, number(&of.CompanyCode)},
			key{"parties", false, f.graded(level(&of.Parties))},
		)
	}
}

// licence reads how a licence number is checked: in short how thoroughly.
func (f *file) licence(into *policy.Number, level read) read {
	return func(n *node) {
		switch {
		case n.value() == "note" || n.value() == "refuse":
			f.refuse(n, codeValue, policy.Text{ZH: n.text + " 之外还需说明如何检查", EN: "beside " + n.text + ", say what to check"},
				meant("{check: shape, level: "+n.value()+"}"))
			return
		case n.kind != mapping:
			choice(f, into, licenceChecks()...)(n)
			return
		}
		into.Level = policy.Refuse
		f.mapping(n,
			key{"level", false, level},
			key{"check", true, choice(f, &into.Checksum, licenceDepths()...)},
			key{"masked", false, f.boolean(&into.Masked)},
		)
	}
}
