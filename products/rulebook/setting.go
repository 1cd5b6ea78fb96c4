package rulebook

// settings are all of them as an edition writes them.
func (w *writer) settings() Section {
	t := columns(say("键", "Key"), say("含义", "What it is"), say("值", "Value"))
	for _, s := range w.Edition.Settings() {
		value := say("（无）", "(none)")
		if s.Value != "" {
			value = verbatim(s.Value)
		}
		t.add(verbatim(s.Path), plain(headed(s.Name)), value)
	}
	return Section{
		ID: "settings", Title: say("附录：全部设置", "Appendix: all settings"),
		Blocks: []Block{
			paragraph("以版本文件的写法列出；文件没有写的键取默认值，也在其中。", "As an edition writes them. Keys that its file leaves out have their defaults, and are here too."),
			{Table: t},
		},
	}
}
