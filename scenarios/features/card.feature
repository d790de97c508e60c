# language: ja
機能: カードのチップ
  English: the chip of the card

  背景:
    前提 患者「田中花子」は「模擬健保組合」の被保険者である

  @id-card-readable @positive @CARD-01 @CARD-02 @CARD-15
  シナリオ: 二枚の電子証明書があり、利用者証明用には個人情報がない
    English: both certificates are there and the user-authentication one names nobody

    前提 患者「田中花子」は利用登録済みのマイナンバーカードを持っている
    もし 検査官が患者「田中花子」のカードに手順「読める情報」を送る

  @id-card-private-keys @negative @CARD-01 @CARD-03 @CARD-04
  シナリオ: 秘密鍵はどの方法でも読み出せない
    English: the private keys can be read by no means

    前提 患者「田中花子」は利用登録済みのマイナンバーカードを持っている
    もし 検査官が患者「田中花子」のカードに手順「秘密鍵」を送る

  @id-card-sign-password @negative @CARD-04
  シナリオ: 署名用パスワードは五回の誤りでロックされる
    English: the signing password locks after five wrong tries

    前提 患者「田中花子」は利用登録済みのマイナンバーカードを持っている
    もし 検査官が患者「田中花子」のカードに手順「署名用」を送る

  @id-card-lock-scope @negative @CARD-05 @CARD-03
  シナリオ: 署名用がロックされても、ほかの利用は妨げられない
    English: a locked signing password leaves everything else usable

    前提 患者「田中花子」は利用登録済みのマイナンバーカードを持っている
    もし 検査官が患者「田中花子」のカードに手順「ロックの範囲」を送る
    かつ 患者「田中花子」が「みなと診療所」で暗証番号により受け付けし、すべての閲覧に同意する
    ならば 「みなと診療所」の受付が患者「田中花子」のカルテを確認する

  @id-card-photo @negative @CARD-08
  シナリオ: 顔写真は照合番号Bがなければ出ない
    English: the photo comes out against 照合番号B only

    前提 患者「田中花子」は利用登録済みのマイナンバーカードを持っている
    もし 検査官が患者「田中花子」のカードに手順「顔写真」を送る

  @id-card-text @positive @CARD-07
  シナリオ: 券面入力補助の四情報と個人番号は、それぞれの条件でだけ読める
    English: the four attributes and the individual number are read under their own conditions only

    前提 患者「田中花子」は利用登録済みのマイナンバーカードを持っている
    もし 検査官が患者「田中花子」のカードに手順「券面入力補助」を送る

  @id-card-verification-lock @border @CARD-08 @CARD-05
  シナリオ: 照合番号は十回の誤りでロックされ、暗証番号は使える
    English: 照合番号 locks after ten wrong tries and the PIN still works

    前提 患者「田中花子」は利用登録済みのマイナンバーカードを持っている
    もし 検査官が患者「田中花子」のカードに手順「照合番号」を送る
    かつ 患者「田中花子」が「みなと診療所」で暗証番号により受け付けし、すべての閲覧に同意する
    ならば 「みなと診療所」の受付が患者「田中花子」のカルテを確認する

  @id-card-no-medical @negative @CARD-09
  シナリオ: チップのどこからも医療や保険の情報は読めない
    English: no medical or insurance data can be read anywhere on the chip

    前提 患者「田中花子」は利用登録済みのマイナンバーカードを持っている
    もし 検査官が患者「田中花子」のカードに手順「医療情報」を送る

  @id-card-torn @border @CARD-12
  シナリオ: どのコマンドの途中で抜かれても、残り回数は飛ばず戻らない
    English: torn at any command the counters are neither skipped nor restored

    前提 患者「田中花子」は利用登録済みのマイナンバーカードを持っている
    もし 検査官が患者「田中花子」のカードに手順「抜去」を送る

  @id-card-tampered @negative @CARD-10
  シナリオ: こじ開けられたチップは、二度と何にも答えない
    English: a chip forced open never answers again

    前提 患者「田中花子」は利用登録済みのマイナンバーカードを持っている
    もし 患者「田中花子」のカードのチップがこじ開けられる
    かつ 検査官が患者「田中花子」のカードに手順「読める情報」を送る
    かつ 患者「田中花子」が「みなと診療所」のリーダーにカードを置く
    かつ 患者が結果の画面を見てカードを取る
    ならば 「みなと診療所」の受付が患者「田中花子」のカルテを確認する

  @id-card-minor-chip @negative @CARD-04 @CARD-15
  シナリオ: 15歳未満のカードには署名用電子証明書がない
    English: a card for under 15 carries no signing certificate

    前提 患者「高橋健太」は「模擬健保組合」の被保険者である
    かつ 患者「高橋健太」は利用登録済みの15歳未満のカードを持っている
    もし 検査官が患者「高橋健太」のカードに手順「読める情報」を送る
