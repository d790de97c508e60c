# language: ja
機能: 失効・一時停止とその確認
  English: revocation, suspension and how they are asked

  背景:
    前提 患者「鈴木一郎」は「模擬健保組合」の被保険者である

  @id-revoked @negative @PKI-02 @PKI-04
  シナリオ: 失効した電子証明書は、期限内でも拒まれる
    English: a revoked certificate is refused though it has not expired

    前提 患者「鈴木一郎」は利用登録済みのマイナンバーカードを持っている
    かつ 患者「鈴木一郎」の電子証明書は失効している
    もし 患者「鈴木一郎」が「みなと診療所」で暗証番号により受け付けし、すべての閲覧に同意する
    ならば 「みなと診療所」の受付が患者「鈴木一郎」のカルテを確認する

  @id-revoked-for @negative @PKI-02 @PKI-04
  シナリオアウトライン: 失効の理由が何であっても、失効した電子証明書は拒まれる
    English: whatever the reason, a revoked certificate is refused

    前提 患者「鈴木一郎」は利用登録済みのマイナンバーカードを持っている
    かつ 患者「鈴木一郎」の電子証明書は「<reason>」により失効している
    もし 患者「鈴木一郎」が「みなと診療所」で暗証番号により受け付けし、すべての閲覧に同意する
    ならば 「みなと診療所」の受付が患者「鈴木一郎」のカルテを確認する

    例:
      | reason |
      | 盗難 |
      | 本人の申請 |
      | 再交付 |

  @id-revoked-in-grace @negative @PKI-04
  シナリオ: 失効した電子証明書は、期限切れ後の猶予の間も失効のままである
    English: a revoked certificate stays revoked in the grace after its expiry

    前提 患者「鈴木一郎」は電子証明書の有効期限が2か月前に切れた利用登録済みのカードを持っている
    かつ 患者「鈴木一郎」の電子証明書は失効している
    もし 患者「鈴木一郎」が「みなと診療所」で暗証番号により受け付けし、すべての閲覧に同意する
    ならば 「みなと診療所」の受付が患者「鈴木一郎」のカルテを確認する

  @id-revoked-then-expired @negative @PKI-04
  シナリオ: 失効した電子証明書は、期限が切れた後も失効と答えられる
    English: a certificate revoked before its expiry is answered as revoked after it

    前提 患者「鈴木一郎」は電子証明書の有効期限まであと3日の利用登録済みのカードを持っている
    かつ 患者「鈴木一郎」の電子証明書は失効している
    もし 10日後の9時0分になる
    かつ 患者「鈴木一郎」が「みなと診療所」で暗証番号により受け付けし、すべての閲覧に同意する
    ならば 「みなと診療所」の受付が患者「鈴木一郎」のカルテを確認する

  @id-suspended @negative @PKI-03 @PKI-04
  シナリオ: 紛失届で一時停止された電子証明書は、資格が有効でも拒まれる
    English: a certificate suspended by a loss report is refused though the insurance is valid

    前提 患者「鈴木一郎」は利用登録済みのマイナンバーカードを持っている
    かつ 患者「鈴木一郎」は紛失を届け出て電子証明書が一時停止されている
    もし 患者「鈴木一郎」が「みなと診療所」で暗証番号により受け付けし、すべての閲覧に同意する
    ならば 「みなと診療所」の受付が患者「鈴木一郎」のカルテを確認する

  @id-suspended-at-night @border @PKI-03
  シナリオ: 深夜に届け出た一時停止も、その直後から効く
    English: a suspension reported at night holds at once

    前提 患者「鈴木一郎」は利用登録済みのマイナンバーカードを持っている
    もし 0日後の23時58分になる
    かつ 患者「鈴木一郎」が「みなと診療所」で暗証番号により受け付けし、すべての閲覧に同意する
    かつ 患者「鈴木一郎」は紛失を届け出て電子証明書が一時停止されている
    かつ 患者「鈴木一郎」が「みなと診療所」で暗証番号により受け付けし、すべての閲覧に同意する
    ならば 「みなと診療所」の受付が患者「鈴木一郎」のカルテを確認する

  @id-suspension-lifted @positive @PKI-03
  シナリオ: 見つかったカードは、一時停止の解除後ふたたび使える
    English: a found card works again once the suspension is lifted

    前提 患者「鈴木一郎」は利用登録済みのマイナンバーカードを持っている
    かつ 患者「鈴木一郎」は紛失を届け出て電子証明書が一時停止されている
    もし 患者「鈴木一郎」が「みなと診療所」で暗証番号により受け付けし、すべての閲覧に同意する
    かつ 患者「鈴木一郎」のカードが見つかり一時停止が解除される
    かつ 患者「鈴木一郎」が「みなと診療所」で暗証番号により受け付けし、すべての閲覧に同意する
    ならば 「みなと診療所」の受付が患者「鈴木一郎」のカルテを確認する

  @id-moved @positive @PKI-05
  シナリオ: 引越しで署名用電子証明書が失効しても、健康保険証としての利用は続く
    English: after a move only the signing certificate is revoked and use as a health card goes on

    前提 患者「鈴木一郎」は利用登録済みのマイナンバーカードを持っている
    かつ 患者「鈴木一郎」は引越しで署名用電子証明書だけが失効している
    もし 患者「鈴木一郎」が「みなと診療所」で暗証番号により受け付けし、すべての閲覧に同意する
    ならば 「みなと診療所」の受付が患者「鈴木一郎」のカルテを確認する

  @id-ocsp-unknown @negative @PKI-02
  シナリオ: 認証局が知らないと答えた電子証明書は確認されない
    English: a certificate the revocation service does not know confirms nobody

    前提 患者「鈴木一郎」は利用登録済みのマイナンバーカードを持っている
    かつ 認証局の失効確認サービスは患者「鈴木一郎」の電子証明書を知らないと答える
    もし 患者「鈴木一郎」が「みなと診療所」で暗証番号により受け付けし、すべての閲覧に同意する
    ならば 「みなと診療所」の受付が患者「鈴木一郎」のカルテを確認する

  @id-ocsp-silent @negative @PKI-07
  シナリオ: 失効確認ができないときは黙って受け入れず、代わりの方法を案内する
    English: when revocation cannot be checked nothing is accepted in silence and the fallback is offered

    前提 患者「鈴木一郎」は利用登録済みのマイナンバーカードを持っている
    かつ 認証局の失効確認サービスが応答しない
    もし 患者「鈴木一郎」が「みなと診療所」で暗証番号により受け付けし、すべての閲覧に同意する
    ならば 「みなと診療所」の受付が患者「鈴木一郎」のカルテを確認する

  @id-ocsp-mood @negative @PKI-07
  シナリオアウトライン: あてにならない失効確認の応答は、有効とみなされない
    English: no answer of the revocation service that cannot be relied on counts as good

    前提 患者「鈴木一郎」は利用登録済みのマイナンバーカードを持っている
    かつ 認証局の失効確認サービスの応答は「<mood>」
    もし 患者「鈴木一郎」が「みなと診療所」で暗証番号により受け付けし、すべての閲覧に同意する
    ならば 「みなと診療所」の受付が患者「鈴木一郎」のカルテを確認する

    例:
      | mood |
      | 遅すぎる |
      | 古い |
      | 署名が誤っている |
      | 別の証明書についてのものである |
      | 後で尋ねよという |

  @id-ocsp-back @border @PKI-07
  シナリオ: 失効確認が復旧すれば、同じカードがすぐに確認される
    English: once the revocation service is back the same card is confirmed at once

    前提 患者「鈴木一郎」は利用登録済みのマイナンバーカードを持っている
    かつ 認証局の失効確認サービスが応答しない
    もし 患者「鈴木一郎」が「みなと診療所」で暗証番号により受け付けし、すべての閲覧に同意する
    かつ 「失効確認サービス」が復旧する
    かつ 患者「鈴木一郎」が「みなと診療所」で暗証番号により受け付けし、すべての閲覧に同意する
    ならば 「みなと診療所」の受付が患者「鈴木一郎」のカルテを確認する

  @id-crl-good @positive @PKI-02 @PKI-07 @profile:revocation_fallback=crl
  シナリオ: 失効リストで代える設定では、リストにない電子証明書が確認される
    English: where the list stands in, a certificate not on it is confirmed

    前提 患者「鈴木一郎」は利用登録済みのマイナンバーカードを持っている
    かつ 認証局の失効確認サービスが応答しない
    もし 患者「鈴木一郎」が「みなと診療所」で暗証番号により受け付けし、すべての閲覧に同意する
    ならば 「みなと診療所」の受付が患者「鈴木一郎」のカルテを確認する

  @id-crl-revoked @negative @PKI-02 @PKI-04 @profile:revocation_fallback=crl
  シナリオ: 失効リストで代える設定では、リストにある電子証明書が拒まれる
    English: where the list stands in, a certificate on it is refused

    前提 患者「鈴木一郎」は利用登録済みのマイナンバーカードを持っている
    かつ 患者「鈴木一郎」の電子証明書は失効している
    かつ 認証局の失効確認サービスが応答しない
    もし 患者「鈴木一郎」が「みなと診療所」で暗証番号により受け付けし、すべての閲覧に同意する
    ならば 「みなと診療所」の受付が患者「鈴木一郎」のカルテを確認する

  @id-crl-suspended @negative @PKI-03 @profile:revocation_fallback=crl
  シナリオ: 失効リストで代える設定でも、一時停止は失効と区別される
    English: where the list stands in, suspended is told from revoked

    前提 患者「鈴木一郎」は利用登録済みのマイナンバーカードを持っている
    かつ 患者「鈴木一郎」は紛失を届け出て電子証明書が一時停止されている
    かつ 認証局の失効確認サービスが応答しない
    もし 患者「鈴木一郎」が「みなと診療所」で暗証番号により受け付けし、すべての閲覧に同意する
    ならば 「みなと診療所」の受付が患者「鈴木一郎」のカルテを確認する

  @id-crl-old @negative @PKI-07 @profile:revocation_fallback=crl
  シナリオアウトライン: 古い失効リストは、あてにされない
    English: a list that is out of date is not relied on

    前提 患者「鈴木一郎」は利用登録済みのマイナンバーカードを持っている
    かつ 認証局の失効確認サービスが応答しない
    かつ 認証局の失効リストは「<mood>」
    もし 患者「鈴木一郎」が「みなと診療所」で暗証番号により受け付けし、すべての閲覧に同意する
    ならば 「みなと診療所」の受付が患者「鈴木一郎」のカルテを確認する

    例:
      | mood |
      | 古い |
      | 署名が誤っている |

  @id-crl-silent @negative @PKI-07 @profile:revocation_fallback=crl
  シナリオ: 失効リストもないときは、確認できないと答えられる
    English: when the list is not to be had either, the answer says that validity could not be checked

    前提 患者「鈴木一郎」は利用登録済みのマイナンバーカードを持っている
    かつ 認証局の失効確認サービスが応答しない
    かつ 認証局の失効リストの配布が止まっている
    もし 患者「鈴木一郎」が「みなと診療所」で暗証番号により受け付けし、すべての閲覧に同意する
    ならば 「みなと診療所」の受付が患者「鈴木一郎」のカルテを確認する
