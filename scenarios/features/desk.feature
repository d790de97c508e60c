# language: ja
機能: レセプトコンピュータへの取込み
  English: what the receipt computer makes of results

  背景:
    前提 患者「田中花子」は「模擬健保組合」の被保険者である

  @id-desk-half-written @border @ELIG-12
  シナリオ: 書きかけの結果は、書き終わってから一度だけ取り込まれる
    English: a half-written result is taken in once it is whole, and once only

    前提 「みなと診療所」には患者「田中花子」のカルテがある
    もし 「みなと診療所」の共有フォルダーに患者「田中花子」の結果「有効」が書きかけで置かれる
    かつ 2秒が過ぎる
    かつ 「みなと診療所」の共有フォルダーで患者「田中花子」の結果「有効」の残りが書き込まれる
    かつ 4秒が過ぎる
    ならば 「みなと診療所」の受付が患者「田中花子」のカルテを確認する

  @id-desk-same-file-twice @negative @ELIG-17
  シナリオ: 同じ結果が二度置かれても、取込みは一度である
    English: the same result put there twice is taken in once

    前提 「みなと診療所」には患者「田中花子」のカルテがある
    もし 「みなと診療所」の共有フォルダーに患者「田中花子」の結果「有効」が置かれる
    かつ 4秒が過ぎる
    かつ 「みなと診療所」の共有フォルダーに患者「田中花子」の結果「有効」が置かれる
    かつ 4秒が過ぎる
    ならば 「みなと診療所」の受付が患者「田中花子」のカルテを確認する

  @id-desk-validity @negative @ELIG-12 @ELIG-17
  シナリオアウトライン: 有効でない結果は、どの区分でも現在の保険にならず、受付に示される
    English: no result that is not valid becomes a current insurance, and the desk is shown each

    前提 「みなと診療所」には患者「田中花子」のカルテがある
    もし 「みなと診療所」の共有フォルダーに患者「田中花子」の結果「<file>」が置かれる
    かつ 4秒が過ぎる
    ならば 「みなと診療所」の受付が患者「田中花子」のカルテを確認する

    例:
      | file |
      | 無効 |
      | 新しい資格あり |
      | 該当なし |
      | 複数該当 |
      | 知らない有効性 |

  @id-desk-unknown-codes @negative @ELIG-13
  シナリオ: 知らないコードの値は、そのまま残されて示される
    English: unknown code values are kept and shown as they came

    前提 「みなと診療所」には患者「田中花子」のカルテがある
    もし 「みなと診療所」の共有フォルダーに患者「田中花子」の結果「知らないコード」が置かれる
    かつ 4秒が過ぎる
    ならば 「みなと診療所」の受付が患者「田中花子」のカルテを確認する

  @id-desk-empty-elements @border @ELIG-13
  シナリオ: 空の要素とない要素は、同じに扱われる
    English: empty and absent elements are treated alike

    前提 「みなと診療所」には患者「田中花子」のカルテがある
    もし 「みなと診療所」の共有フォルダーに患者「田中花子」の結果「空の要素」が置かれる
    かつ 4秒が過ぎる
    ならば 「みなと診療所」の受付が患者「田中花子」のカルテを確認する

  @id-desk-utf8 @border @ELIG-13
  シナリオ: 文字コードの識別が宣言と食い違うときは、宣言に従う
    English: where the character code differs from the declaration the declaration holds

    前提 「みなと診療所」には患者「田中花子」のカルテがある
    もし 「みなと診療所」の共有フォルダーに患者「田中花子」の結果「文字コードの食い違い」が置かれる
    かつ 4秒が過ぎる
    ならば 「みなと診療所」の受付が患者「田中花子」のカルテを確認する

  @id-desk-hostile @negative @SEC-05
  シナリオアウトライン: 悪意のある、または壊れた結果は取り込まれず、理由が残りほかを妨げない
    English: a hostile or broken result is refused with its reason and disturbs nothing else

    前提 「みなと診療所」には患者「田中花子」のカルテがある
    もし 「みなと診療所」の共有フォルダーに患者「田中花子」の結果「<file>」が置かれる
    かつ 6秒が過ぎる
    かつ 「みなと診療所」の共有フォルダーに患者「田中花子」の結果「有効」が置かれる
    かつ 4秒が過ぎる
    ならば 「みなと診療所」の受付が患者「田中花子」のカルテを確認する

    例:
      | file |
      | 外部実体 |
      | 展開爆弾 |
      | 深すぎる |
      | 壊れた文字 |
      | 別の文書 |

  @id-desk-black-dot @negative @ELIG-14
  シナリオ: 氏名の●は、カナと生年月日で照合されカルテの氏名は書き換わらない
    English: ● in a name is matched by kana and birth date and the chart keeps its name

    前提 患者「𠮷田誠」は「模擬健保組合」の被保険者である
    かつ 「みなと診療所」には患者「𠮷田誠」のカルテがある
    かつ 患者「𠮷田誠」は利用登録済みのマイナンバーカードを持っている
    もし 患者「𠮷田誠」が「みなと診療所」で暗証番号により受け付けし、すべての閲覧に同意する
    ならば 「みなと診療所」の受付が患者「𠮷田誠」のカルテを確認する

  @id-desk-black-dot-namesake @negative @ELIG-14
  シナリオ: ●の氏名に当たるカルテが二つあるときは、どちらにも自動では結び付けない
    English: where ● fits two charts neither is chosen by itself

    前提 患者「𠮷田誠」は「模擬健保組合」の被保険者である
    かつ 「みなと診療所」には患者「𠮷田誠」のカルテがある
    かつ 「みなと診療所」には患者「𠮷田誠」とカナも生年月日も同じ別人「岸田 誠」のカルテもある
    かつ 患者「𠮷田誠」は利用登録済みのマイナンバーカードを持っている
    もし 患者「𠮷田誠」が「みなと診療所」で暗証番号により受け付けし、すべての閲覧に同意する
    ならば 「みなと診療所」の受付が患者「𠮷田誠」のカルテを確認する

  @id-desk-variant-kanji @border @ELIG-14
  シナリオアウトライン: 異体字やカナの幅の違いがあっても照合され、カルテの氏名は書き換わらない
    English: variant kanji and kana of another width are matched and the chart keeps its name

    前提 患者「高橋健太」は「模擬健保組合」の被保険者である
    かつ 「みなと診療所」には患者「高橋健太」のカルテが氏名「<name>」、カナ「<kana>」で作られている
    かつ 患者「高橋健太」は利用登録済みの15歳未満のカードを持っている
    もし 患者「高橋健太」が「みなと診療所」で暗証番号により受け付けし、すべての閲覧に同意する
    ならば 「みなと診療所」の受付が患者「高橋健太」のカルテを確認する

    例:
      | name | kana |
      | 髙橋 健太 | ﾀｶﾊｼ ｹﾝﾀ |
      | 高橋 健太 | タカハシ ケンタ |

  @id-desk-small-kana @border @ELIG-14
  シナリオアウトライン: 小書きや濁点の書き方が違っても照合され、カルテのカナは書き換わらない
    English: small kana and voiced marks written otherwise are matched and the chart keeps its kana

    前提 患者「<patient>」は「模擬健保組合」の被保険者である
    かつ 「みなと診療所」には患者「<patient>」のカルテが氏名「<name>」、カナ「<kana>」で作られている
    かつ 患者「<patient>」は利用登録済みのマイナンバーカードを持っている
    もし 患者「<patient>」が「みなと診療所」で暗証番号により受け付けし、すべての閲覧に同意する
    ならば 「みなと診療所」の受付が患者「<patient>」のカルテを確認する

    例:
      | patient | name | kana |
      | 松井翔一 | 松井 翔一 | マツイ ショウイチ |
      | 松井翔一 | 松井 翔一 | ﾏﾂｲ ｼｮｳｲﾁ |
      | 鈴木一郎 | 鈴木 一郎 | スズキ イチロウ |

  @id-desk-address @negative @ELIG-14
  シナリオ: 住所が違っても、カルテの住所は黙って書き換わらない
    English: an address that differs is not overwritten in silence

    前提 「みなと診療所」には患者「田中花子」のカルテが住所「模擬県旧町９」で作られている
    もし 「みなと診療所」の共有フォルダーに患者「田中花子」の結果「住所つき」が置かれる
    かつ 4秒が過ぎる
    ならば 「みなと診療所」の受付が患者「田中花子」のカルテを確認する

  @id-desk-off @border @ELIG-18
  シナリオ: 電源が切れている間の結果は、入れた後にすべて一度ずつ取り込まれる
    English: results that came while the receipt computer was off are taken in once each when it is on again

    前提 患者「田中花子」は利用登録済みのマイナンバーカードを持っている
    かつ 「みなと診療所」には患者「田中花子」のカルテがある
    もし 「みなと診療所」のレセプトコンピュータの電源が切れる
    かつ 患者「田中花子」が「みなと診療所」で暗証番号により受け付けし、すべての閲覧に同意する
    かつ 「みなと診療所」のレセプトコンピュータの電源が入る
    かつ 4秒が過ぎる
    ならば 「みなと診療所」の受付が患者「田中花子」のカルテを確認する

  @id-desk-order @border @ELIG-17
  シナリオ: 届いた順が逆でも、照会した日の順で扱われる
    English: results arriving in the wrong order are taken by the day they were asked for

    前提 「みなと診療所」には患者「田中花子」のカルテがある
    もし 「みなと診療所」の共有フォルダーに患者「田中花子」の結果「無効」が置かれる
    かつ 4秒が過ぎる
    かつ 「みなと診療所」の共有フォルダーに患者「田中花子」の結果「前日の有効」が置かれる
    かつ 4秒が過ぎる
    ならば 「みなと診療所」の受付が患者「田中花子」のカルテを確認する

  @id-desk-result-without-request @negative @ELIG-18
  シナリオ: 照会していない番号の結果は、手作業のために取り置かれる
    English: a result nobody asked for is kept for manual handling

    前提 「みなと診療所」には患者「田中花子」のカルテがある
    もし 「みなと診療所」の共有フォルダーに患者「田中花子」の結果「照会のない結果」が置かれる
    かつ 4秒が過ぎる
    ならば 「みなと診療所」の受付が患者「田中花子」のカルテを確認する
