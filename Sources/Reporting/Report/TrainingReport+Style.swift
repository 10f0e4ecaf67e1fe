extension TrainingReport {
    static let styleSheet = """
        :root { color-scheme: light dark; \(LineChart.lightColors) }
        @media (prefers-color-scheme: dark) { :root { \(LineChart.darkColors) } }
        * { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; }
        body { margin: 0; background: var(--background); color: var(--text); line-height: 1.5; \
        font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
        main { max-width: 1080px; margin: 0 auto; padding: 40px 24px 64px; }
        h1 { font-size: 1.9rem; line-height: 1.2; letter-spacing: -0.01em; margin: 0 0 8px; }
        h2 { font-size: 1.2rem; margin: 44px 0 12px; }
        h3 { font-size: 1rem; margin: 0 0 10px; }
        h1, .summary, td, th, dd, .query, figcaption { overflow-wrap: anywhere; }
        .summary { font-size: 1.1rem; color: var(--muted); margin: 0; max-width: 70ch; }
        .facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(140px, 1fr)); gap: 1px; \
        margin: 28px 0 0; background: var(--surface); border: 1px solid var(--rule); border-radius: 10px; \
        overflow: hidden; }
        .facts div { box-shadow: 0 0 0 1px var(--rule); padding: 12px 16px; }
        .facts dt { font-size: 0.8rem; color: var(--muted); }
        .facts dd { margin: 2px 0 0; font-weight: 600; font-variant-numeric: tabular-nums; }
        table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
        caption { text-align: left; color: var(--muted); font-size: 0.85rem; padding-bottom: 6px; }
        th, td { padding: 8px 12px 8px 0; border-bottom: 1px solid var(--rule); text-align: left; \
        vertical-align: baseline; font-weight: 400; }
        thead th { color: var(--muted); font-size: 0.8rem; border-bottom-color: var(--axis); }
        .scroll { overflow-x: auto; }
        .metrics th + th, .metrics td { text-align: right; white-space: nowrap; }
        .metrics tbody th { min-width: 8rem; }
        .metrics .after { font-weight: 600; }
        .metrics th:last-child, .metrics td:last-child { padding-right: 0; }
        .good { color: var(--good); }
        .bad { color: var(--bad); }
        .verdict { font-size: 0.8rem; }
        .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); \
        gap: 20px; \
        align-items: start; }
        figure { margin: 0; padding: 16px; background: var(--surface); border: 1px solid var(--rule); \
        border-radius: 10px; min-width: 0; break-inside: avoid; }
        figure svg { max-width: 720px; }
        figcaption { font-size: 0.8rem; color: var(--muted); margin-top: 8px; }
        figcaption summary { cursor: pointer; }
        .query { margin: 0 0 14px; }
        .query span { color: var(--muted); font-size: 0.85rem; margin-right: 6px; }
        .query q { font-weight: 600; }
        .ranking .score { width: 42%; padding-right: 0; white-space: nowrap; }
        .track { display: inline-block; width: calc(100% - 4rem); height: 10px; border-radius: 5px; \
        background: var(--track); overflow: hidden; }
        .bar { display: block; height: 100%; background: var(--bar); }
        .number { display: inline-block; width: 4rem; text-align: right; }
        .details { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 380px), 1fr)); \
        gap: 28px 40px; align-items: start; }
        .pairs th { color: var(--muted); width: 45%; }
        .pairs td { padding-right: 0; }
        .pairs caption { color: var(--text); font-size: 1rem; font-weight: 600; }
        @media (min-width: 960px) {
        figure.wide { grid-column: 1 / -1; display: grid; \
        grid-template-columns: minmax(0, 720px) minmax(0, 1fr); column-gap: 28px; }
        figure.wide h3 { grid-column: 1 / -1; }
        figure.wide .chart { font-size: 10.5px; }
        }
        @media (max-width: 560px) {
        main { padding: 24px 16px 40px; }
        h1 { font-size: 1.5rem; }
        .facts { grid-template-columns: 1fr 1fr; }
        figure { padding: 12px 10px; }
        th, td { padding-right: 8px; }
        .metrics .verdict { display: none; }
        }
        @media print {
        :root { color-scheme: light; \(LineChart.lightColors) }
        main { max-width: none; padding: 0; }
        h2, h3 { break-after: avoid; }
        tr, .facts { break-inside: avoid; }
        .bar, .track { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
        }
        \(LineChart.styleSheet)
        """
}
