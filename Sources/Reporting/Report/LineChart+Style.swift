extension LineChart {
    /// How many colors there are; further lines repeat them dashed.
    static let colorCount = 6

    /// The variables of light and of dark. Lines and texts have a contrast of 4.5 : 1 or more.
    static let lightColors = """
        --background: #ffffff; --surface: #ffffff; --text: #1c2330; --muted: #5b6575; --rule: #e2e6ec; \
        --axis: #8b95a5; --bad: #b42318; --good: #117a45; --bar: #2f6fd6; --track: #e9edf3; \
        --line-0: #2563c9; --line-1: #b4540a; --line-2: #0f7f68; --line-3: #a3328f; --line-4: #5f6b7a; \
        --line-5: #8a6d00;
        """
    static let darkColors = """
        --background: #12161d; --surface: #181e27; --text: #e6eaf0; --muted: #9aa5b5; --rule: #2b3340; \
        --axis: #667386; --bad: #ff8a7d; --good: #5fd39a; --bar: #5b9bf8; --track: #262e3a; \
        --line-0: #6ea8ff; --line-1: #f2a65a; --line-2: #4fd1b5; --line-3: #e58ad6; --line-4: #a7b3c4; \
        --line-5: #e0c35a;
        """

    /// What a page needs for embedded charts, besides the variables.
    static let styleSheet: String = {
        let colors = (0..<colorCount).map { ".chart .c\($0) { --line: var(--line-\($0)); }" }
        return ([rules] + colors).joined(separator: "\n")
    }()

    /// What a chart in a file of its own needs.
    static let standaloneStyleSheet = """
        .chart { \(lightColors) background: var(--background); }
        @media (prefers-color-scheme: dark) { .chart { \(darkColors) } }
        @media print { .chart { \(lightColors) } }
        \(styleSheet)
        """

    private static let rules = """
        .chart { display: block; width: 100%; height: auto; font: 13px system-ui, -apple-system, "Segoe UI", \
        Roboto, "Helvetica Neue", Arial, sans-serif; font-variant-numeric: tabular-nums; }
        .chart text { fill: var(--muted); }
        .chart .title { fill: var(--text); font-weight: 600; }
        .chart .grid { stroke: var(--rule); stroke-width: 1; }
        .chart .axis { stroke: var(--axis); stroke-width: 1; }
        .chart .line { fill: none; stroke: var(--line); stroke-width: 2; stroke-linejoin: round; \
        stroke-linecap: round; }
        .chart .behind { stroke-width: 1; opacity: 0.45; }
        .chart .key { stroke-width: 3; opacity: 1; }
        .chart .behind.key { opacity: 0.55; }
        .chart .dashed { stroke-dasharray: 6 4; }
        .chart .dot { fill: var(--line); }
        .chart .gap { stroke: var(--bad); stroke-width: 1.5; }
        .chart .hit rect { fill: transparent; }
        .chart .hit .shown { visibility: hidden; pointer-events: none; }
        .chart .hit:hover .shown { visibility: visible; }
        .chart .hit .cursor { stroke: var(--axis); stroke-width: 1; stroke-dasharray: 2 3; }
        .chart .hit .dot { stroke: var(--surface); stroke-width: 1.5; }
        .chart .hit text { fill: var(--text); font-weight: 600; }
        .chart .hit tspan { fill: var(--line); }
        @media (max-width: 560px) { .chart { font-size: 16px; } }
        @media print { .chart .hit { display: none; } }
        """
}
