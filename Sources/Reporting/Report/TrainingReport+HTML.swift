import Foundation

extension TrainingReport {
    /// The whole page: HTML that is well-formed XML too.
    public func html() -> String {
        let body = [header(), metricsSection(), curvesSection(), rankingSection(), detailsSection()]
        return """
            <!DOCTYPE html>
            <html lang="en" xmlns="http://www.w3.org/1999/xhtml">
            <head>
            <meta charset="utf-8"/>
            <meta name="viewport" content="width=device-width, initial-scale=1"/>
            <meta name="color-scheme" content="light dark"/>
            <title>\(HTML.escaped(title))</title>
            <style>
            \(Self.styleSheet)
            </style>
            </head>
            <body>
            <main>
            \(body.filter { !$0.isEmpty }.joined(separator: "\n"))
            </main>
            </body>
            </html>

            """
    }

    private func header() -> String {
        let tiles = facts.map { fact in
            "<div><dt>\(HTML.escaped(fact.key))</dt><dd>\(HTML.escaped(fact.value))</dd></div>"
        }
        let list = tiles.isEmpty ? [] : ["<dl class=\"facts\">"] + tiles + ["</dl>"]
        let lines = [
            "<header>",
            "<h1>\(HTML.escaped(title))</h1>",
            "<p class=\"summary\">\(HTML.escaped(summary))</p>",
        ]
        return (lines + list + ["</header>"]).joined(separator: "\n")
    }

    private func metricsSection() -> String {
        guard !metrics.isEmpty else { return "" }
        let rows = metrics.map { metric in
            "<tr><th scope=\"row\">\(HTML.breakableName(metric.name))</th>"
                + "<td>\(Self.figure(metric.before))</td>"
                + "<td class=\"after\">\(Self.figure(metric.after))</td>\(Self.change(metric))</tr>"
        }
        return """
            <section>
            <h2>Results</h2>
            <div class="scroll">
            <table class="metrics">
            <caption>Metrics before and after training</caption>
            <thead><tr><th scope="col">Metric</th><th scope="col">Before</th><th scope="col">After</th>\
            <th scope="col">Change</th></tr></thead>
            <tbody>
            \(rows.joined(separator: "\n"))
            </tbody>
            </table>
            </div>
            </section>
            """
    }

    private static func figure(_ value: Double?) -> String {
        value.map(NumberFormat.general) ?? "–"
    }

    /// The cell of a change: its sign says where it went, its color whether that is good.
    private static func change(_ metric: Metric) -> String {
        guard let before = metric.before, let after = metric.after, (after - before).isFinite else {
            return "<td>–</td>"
        }
        let difference = after - before
        let text = NumberFormat.general(abs(difference))
        guard text != "0.0000" else { return "<td>0.0000</td>" }
        let isBetter = (difference > 0) == metric.higherIsBetter
        return "<td class=\"\(isBetter ? "good" : "bad")\">\(difference > 0 ? "+" : "−")\(text) "
            + "<span class=\"verdict\">\(isBetter ? "better" : "worse")</span></td>"
    }

    private func curvesSection() -> String {
        var charts: [LineChart] = []
        if !lossCurve.isEmpty {
            let raw = ChartSeries("each step logged", points: lossCurve)
            let smooth = raw.smoothed(name: "smoothed")
            let behind = ChartSeries(raw.name, points: lossCurve, isBackground: true)
            let series = smooth.map { [behind, $0] } ?? [ChartSeries("loss", points: lossCurve)]
            charts.append(LineChart(title: "Training loss", yLabel: "loss", series: series))
        }
        if !componentCurves.isEmpty {
            charts.append(LineChart(title: "Parts of the loss", yLabel: "loss", series: componentCurves))
        }
        let evaluations = evaluationCurves.filter { !$0.points.isEmpty }
        if let first = evaluations.first {
            let label = evaluations.count == 1 ? first.name : "score"
            charts.append(LineChart(title: "Evaluation", yLabel: label, series: evaluations))
        }
        if !learningRateCurve.isEmpty {
            let series = [ChartSeries("learning rate", points: learningRateCurve)]
            charts.append(LineChart(title: "Learning rate", yLabel: "learning rate", series: series))
        }
        guard !charts.isEmpty else { return "" }
        let figures = charts.enumerated().map { index, chart in
            // The first of an odd number takes a row of its own, so that no hole is left.
            let style = index == 0 && charts.count % 2 == 1 ? " class=\"wide\"" : ""
            return "<figure\(style)>\n<h3>\(HTML.escaped(chart.title))</h3>\n\(chart.embeddedSVG())\n"
                + "<figcaption>\(Self.caption(chart))</figcaption>\n</figure>"
        }
        return (["<section>", "<h2>Curves</h2>", "<div class=\"charts\">"] + figures + ["</div>", "</section>"])
            .joined(separator: "\n")
    }

    /// What can be read off a chart; folded away where it would be longer than the chart.
    private static func caption(_ chart: LineChart) -> String {
        let remarks = chart.remarks.map(HTML.escaped).joined(separator: "<br/>\n")
        return chart.remarks.count <= 4 ? remarks : "<details><summary>In figures</summary>\(remarks)</details>"
    }

    private func rankingSection() -> String {
        guard let ranking, !ranking.sentences.isEmpty else { return "" }
        let sorted = ranking.sentences.sorted { a, b in
            a.score.isFinite && (!b.score.isFinite || a.score > b.score)
        }
        let scores = sorted.map(\.score).filter(\.isFinite)
        // Scores are mostly cosines: 1 is the whole bar, unless there are larger ones.
        let high = max(1, scores.max() ?? 1)
        let low = min(0, scores.min() ?? 0)
        let rows = sorted.map { sentence in
            let (from, to) = sentence.score.isFinite ? (min(0, sentence.score), max(0, sentence.score)) : (0, 0)
            let margin = NumberFormat.fixed((from - low) / (high - low) * 100, places: 1)
            let width = NumberFormat.fixed((to - from) / (high - low) * 100, places: 1)
            return "<tr><td dir=\"auto\">\(HTML.escaped(sentence.text))</td>"
                + "<td class=\"score\"><span class=\"track\"><span class=\"bar\" "
                + "style=\"margin-left:\(margin)%;width:\(width)%\"></span></span>"
                + "<span class=\"number\">\(NumberFormat.fixed(sentence.score, places: 3))</span></td></tr>"
        }
        return """
            <section>
            <h2>A ranking</h2>
            <p class="query"><span>Query</span> <q dir="auto">\(HTML.escaped(ranking.query))</q></p>
            <table class="ranking">
            <caption>Sentences by their score against the query, after training</caption>
            <thead><tr><th scope="col">Sentence</th><th scope="col">Score</th></tr></thead>
            <tbody>
            \(rows.joined(separator: "\n"))
            </tbody>
            </table>
            </section>
            """
    }

    private func detailsSection() -> String {
        let tables = [("Model", model), ("Training arguments", arguments)].filter { !$0.1.isEmpty }
        guard !tables.isEmpty else { return "" }
        let parts = tables.map { caption, pairs in
            let rows = pairs.map { pair in
                "<tr><th scope=\"row\">\(HTML.breakableName(pair.key))</th>"
                    + "<td>\(HTML.escaped(pair.value))</td></tr>"
            }
            return "<table class=\"pairs\">\n<caption>\(caption)</caption>\n<tbody>\n"
                + rows.joined(separator: "\n") + "\n</tbody>\n</table>"
        }
        return (["<section>", "<h2>Details</h2>", "<div class=\"details\">"] + parts + ["</div>", "</section>"])
            .joined(separator: "\n")
    }
}
