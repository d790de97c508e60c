# language: ja
機能: 電子証明書の有効期限と3か月の猶予
  English: expiry and the three months of grace

  背景:
    前提 患者「鈴木一郎」は「模擬健保組合」の被保険者である

  @id-expires-in-80-days @positive @LIFE-01 @ELIG-01
  シナリオ: 有効期限まで80日の患者は、通常どおり確認され更新の案内を受ける
    English: with 80 days to expiry the result is normal and the renewal notice is shown

    前提 患者「鈴木一郎」は電子証明書の有効期限まであと80日の利用登録済みのカードを持っている
    もし 患者「鈴木一郎」が「みなと診療所」で暗証番号により受け付けし、すべての閲覧に同意する
    ならば 「みなと診療所」の受付が患者「鈴木一郎」のカルテを確認する

  @id-expires-today @border @LIFE-01 @LIFE-07
  シナリオ: 有効期限の当日は、まだ通常どおり確認される
    English: on the last valid day the result is still normal

    前提 患者「鈴木一郎」は電子証明書の有効期限まであと0日の利用登録済みのカードを持っている
    もし 患者「鈴木一郎」が「みなと診療所」で暗証番号により受け付けし、すべての閲覧に同意する
    ならば 「みなと診療所」の受付が患者「鈴木一郎」のカルテを確認する

  @id-expired-two-months @negative @LIFE-02
  シナリオ: 有効期限が2か月前に切れた患者は、資格だけが確認される
    English: two months after expiry only the qualification is confirmed

    前提 患者「鈴木一郎」は電子証明書の有効期限が2か月前に切れた利用登録済みのカードを持っている
    もし 患者「鈴木一郎」が「みなと診療所」で暗証番号により受け付けし、すべての閲覧に同意する
    ならば 「みなと診療所」の受付が患者「鈴木一郎」のカルテを確認する

  @id-expired-two-months-face @negative @LIFE-02 @AUTH-03
  シナリオ: 猶予の間は、顔認証でも資格だけが確認される
    English: in the grace the face too confirms the qualification only

    前提 患者「鈴木一郎」は電子証明書の有効期限が2か月前に切れた利用登録済みのカードを持っている
    もし 患者「鈴木一郎」が「みなと診療所」で顔認証により受け付けし、すべての閲覧に同意する
    ならば 「みなと診療所」の受付が患者「鈴木一郎」のカルテを確認する

  @id-grace-drugs-asked @negative @LIFE-02 @CONS-01
  シナリオ: 猶予の間は、同意しても薬剤情報は渡されない
    English: in the grace drug information is not given whatever consent is chosen

    前提 患者「鈴木一郎」は電子証明書の有効期限が2か月前に切れた利用登録済みのカードを持っている
    かつ 患者「鈴木一郎」には20日前に「模擬アムロジピン錠」が調剤されている
    もし 患者「鈴木一郎」が「みなと診療所」で暗証番号により受け付けし、すべての閲覧に同意する
    かつ 「みなと診療所」の医師が患者「鈴木一郎」の薬剤情報を求める
    ならば 「みなと診療所」の受付が患者「鈴木一郎」のカルテを確認する

  @id-grace-number @negative @LIFE-08
  シナリオ: 猶予の間も、記号・番号による照会は前と変わらない
    English: in the grace a query by number is answered as before

    前提 患者「鈴木一郎」は電子証明書の有効期限が2か月前に切れた利用登録済みのカードを持っている
    かつ 「みなと診療所」には患者「鈴木一郎」のカルテがある
    もし 「みなと診療所」の受付が患者「鈴木一郎」の資格を「模擬健保組合」の記号・番号で照会する
    ならば 「みなと診療所」の受付が患者「鈴木一郎」のカルテを確認する

  @id-expired-four-months @negative @LIFE-03 @PKI-04
  シナリオ: 有効期限が4か月前に切れた患者は、カードでは確認されない
    English: four months after expiry nothing is confirmed by card

    前提 患者「鈴木一郎」は電子証明書の有効期限が4か月前に切れた利用登録済みのカードを持っている
    もし 患者「鈴木一郎」が「みなと診療所」で暗証番号により受け付けし、すべての閲覧に同意する
    ならば 「みなと診療所」の受付が患者「鈴木一郎」のカルテを確認する

  @id-over-number @negative @LIFE-08 @LIFE-03
  シナリオ: 猶予を過ぎても、保険の資格は失われず番号で確認できる
    English: past the grace the insurance itself goes on and the number confirms it

    前提 患者「鈴木一郎」は電子証明書の有効期限が4か月前に切れた利用登録済みのカードを持っている
    かつ 「みなと診療所」には患者「鈴木一郎」のカルテがある
    もし 患者「鈴木一郎」が「みなと診療所」で暗証番号により受け付けし、すべての閲覧に同意する
    かつ 「みなと診療所」の受付が患者「鈴木一郎」の資格を「模擬健保組合」の記号・番号で照会する
    ならば 「みなと診療所」の受付が患者「鈴木一郎」のカルテを確認する

  @id-not-yet-valid @border @PKI-01 @LIFE-07
  シナリオ: 有効期間がまだ始まらない電子証明書は拒まれる
    English: a certificate whose validity has not begun is refused

    前提 患者「鈴木一郎」は電子証明書の有効期間が1日後に始まる利用登録済みのカードを持っている
    もし 患者「鈴木一郎」が「みなと診療所」で暗証番号により受け付けし、すべての閲覧に同意する
    ならば 「みなと診療所」の受付が患者「鈴木一郎」のカルテを確認する

  @id-expired-never-registered @negative @REG-03
  シナリオ: 期限の切れた電子証明書では、猶予の間も利用登録はできない
    English: an expired certificate cannot be registered, not even in the grace

    前提 患者「鈴木一郎」は電子証明書の有効期限が2か月前に切れた利用登録のないカードを持っている
    もし 患者「鈴木一郎」が「みなと診療所」のリーダーにカードを置く
    かつ 患者が暗証番号による確認を選ぶ
    かつ 患者が正しい暗証番号を入力する
    かつ 患者が利用登録の申込みに同意する
    かつ 患者が結果の画面を見てカードを取る
    ならば 「みなと診療所」の受付が患者「鈴木一郎」のカルテを確認する

  @id-border-month-end @border @LIFE-07 @profile:grace_end=month_end
  シナリオアウトライン: 猶予が月末に終わる読み方で、境目の日ごとに結果が変わる
    English: with the grace ending at the month's end each border day gives its own result

    前提 患者「鈴木一郎」は電子証明書の有効期限が<ey>年<em>月<ed>日である利用登録済みのカードを持っている
    もし 今日は<y>年<m>月<d>日である
    かつ 患者「鈴木一郎」が「みなと診療所」で暗証番号により受け付けし、すべての閲覧に同意する
    ならば 「みなと診療所」の受付が患者「鈴木一郎」のカルテを確認する

    例:
      | ey | em | ed | y | m | d | period |
      | 2027 | 11 | 10 | 2027 | 8 | 9 | normal |
      | 2027 | 11 | 10 | 2027 | 8 | 10 | notice |
      | 2027 | 11 | 10 | 2027 | 11 | 10 | notice |
      | 2027 | 11 | 10 | 2027 | 11 | 11 | grace |
      | 2027 | 11 | 10 | 2028 | 2 | 29 | grace |
      | 2027 | 11 | 10 | 2028 | 3 | 1 | over |
      | 2028 | 5 | 31 | 2028 | 2 | 28 | normal |
      | 2028 | 5 | 31 | 2028 | 2 | 29 | notice |
      | 2026 | 11 | 30 | 2027 | 2 | 28 | grace |
      | 2026 | 11 | 30 | 2027 | 3 | 1 | over |
      | 2027 | 11 | 30 | 2028 | 2 | 29 | grace |
      | 2027 | 11 | 30 | 2028 | 3 | 1 | over |
      | 2028 | 2 | 29 | 2027 | 11 | 28 | normal |
      | 2028 | 2 | 29 | 2027 | 11 | 29 | notice |
      | 2028 | 2 | 29 | 2028 | 5 | 31 | grace |
      | 2028 | 2 | 29 | 2028 | 6 | 1 | over |
      | 2027 | 1 | 31 | 2027 | 4 | 30 | grace |
      | 2027 | 1 | 31 | 2027 | 5 | 1 | over |

  @id-border-same-day @border @LIFE-07 @profile:grace_end=same_day
  シナリオアウトライン: 猶予が応当日に終わる読み方で、境目の日ごとに結果が変わる
    English: with the grace ending on the day itself each border day gives its own result

    前提 患者「鈴木一郎」は電子証明書の有効期限が<ey>年<em>月<ed>日である利用登録済みのカードを持っている
    もし 今日は<y>年<m>月<d>日である
    かつ 患者「鈴木一郎」が「みなと診療所」で暗証番号により受け付けし、すべての閲覧に同意する
    ならば 「みなと診療所」の受付が患者「鈴木一郎」のカルテを確認する

    例:
      | ey | em | ed | y | m | d | period |
      | 2026 | 11 | 10 | 2027 | 2 | 10 | grace |
      | 2026 | 11 | 10 | 2027 | 2 | 11 | over |
      | 2026 | 11 | 30 | 2027 | 2 | 28 | grace |
      | 2026 | 11 | 30 | 2027 | 3 | 1 | over |
      | 2027 | 11 | 30 | 2028 | 2 | 29 | grace |
      | 2027 | 11 | 28 | 2028 | 2 | 28 | grace |
      | 2027 | 11 | 28 | 2028 | 2 | 29 | over |
      | 2028 | 2 | 29 | 2028 | 5 | 29 | grace |
      | 2028 | 2 | 29 | 2028 | 5 | 30 | over |
      | 2027 | 1 | 31 | 2027 | 5 | 1 | over |
