package document

import (
	"strings"

	"github.com/chudan-io/chudan/policy/money"
)

// sum is an amount with its currency, all decimals of its minor unit and
// thousands apart: CNY 1,018.00.
func sum(c money.Currency, d money.Decimal) string {
	whole, fraction, _ := strings.Cut(d.Fixed(c.MinorUnit()), ".")
	var b strings.Builder
	b.WriteString(string(c) + " ")
	for i := range len(whole) {
		if i > 0 && (len(whole)-i)%3 == 0 && whole[i-1] != '-' {
			b.WriteByte(',')
		}
		b.WriteByte(whole[i])
	}
	if fraction != "" {
		b.WriteString("." + fraction)
	}
	return b.String()
}

// capital writes an amount of CNY in the capital numerals that cannot be
// altered with a stroke of the pen: 人民币壹仟零壹拾捌元整; "" for other currencies,
// and for what has parts of a fen.
// Source: 支付结算办法 (PBC, 1997), annex 1, on writing amounts.
func capital(c money.Currency, d money.Decimal) string {
	if c != money.CNY || d.Sign() <= 0 || d.Scale() > 2 {
		return ""
	}
	whole, fraction, _ := strings.Cut(d.Fixed(2), ".")
	yuan, jiao, fen := capitalInteger(whole), fraction[0]-'0', fraction[1]-'0'
	text := "人民币"
	if yuan != "" {
		text += yuan + "元"
	}
	switch {
	case jiao == 0 && fen == 0:
		return text + "整"
	case jiao > 0:
		text += capitals[jiao] + "角"
	case yuan != "":
		text += "零"
	}
	if fen == 0 {
		return text + "整"
	}
	return text + capitals[fen] + "分"
}

var (
	capitals = [...]string{"零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖"}
	places   = [...]string{"", "拾", "佰", "仟"}
	groups   = [...]string{"", "万", "亿", "万"} // 万 above 亿 is 万亿
)

// capitalInteger writes digits, at most 16; "" for 0. A run of zeros between
// two other digits is read as one 零, at the end as none.
func capitalInteger(digits string) string {
	var b strings.Builder
	zeros, inGroup := false, false
	for i := range len(digits) {
		place := len(digits) - 1 - i
		if digit := digits[i] - '0'; digit == 0 {
			zeros = true
		} else {
			if zeros && b.Len() > 0 {
				b.WriteString(capitals[0])
			}
			b.WriteString(capitals[digit] + places[place%4])
			zeros, inGroup = false, true
		}
		if place%4 == 0 && (inGroup || place == 8 && b.Len() > 0) {
			b.WriteString(groups[place/4])
			inGroup = false
		}
	}
	return b.String()
}
